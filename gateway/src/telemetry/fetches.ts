import type { Metrics } from '@tessera/service-kit/service';

export type FetchOutcome = 'answered' | 'failed';

/** Starts the clock of one fetch to a subgraph; call the result at its end. */
export type FetchObserver = (subgraph: string) => (outcome: FetchOutcome) => void;

export function observeFetches(metrics: Metrics): FetchObserver {
  const duration = metrics.histogram({
    name: 'tessera_gateway_fetch_seconds',
    help: 'How long subgraphs take to answer the gateway.',
    labelNames: ['subgraph', 'outcome'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  const series = new Map<string, Readonly<Record<FetchOutcome, ReturnType<typeof duration.labels>>>>();
  const seriesOf = (subgraph: string) => {
    let known = series.get(subgraph);
    if (!known) {
      known = { answered: duration.labels({ subgraph, outcome: 'answered' }), failed: duration.labels({ subgraph, outcome: 'failed' }) };
      series.set(subgraph, known); // subgraphs are those of the supergraph
    }
    return known;
  };
  return (subgraph) => {
    const startedAt = performance.now();
    return (outcome) => seriesOf(subgraph)[outcome].observe((performance.now() - startedAt) / 1_000);
  };
}
