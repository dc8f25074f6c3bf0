import { Counter, type CounterConfiguration, collectDefaultMetrics, Gauge, type GaugeConfiguration, Registry } from 'prom-client';
import { Histogram, type HistogramOptions } from './histogram.ts';

/** The metrics of one service. Several services live in one process, so each has a registry of its own. Labels must be bounded. */
export interface Metrics {
  counter<L extends string>(options: CounterConfiguration<L>): Counter<L>;
  gauge<L extends string>(options: GaugeConfiguration<L>): Gauge<L>;
  histogram<L extends string>(options: HistogramOptions<L>): Histogram<L>;
  readonly contentType: string;
  /** All of them in the text format of Prometheus. */
  text(): Promise<string>;
}

export interface MetricsOptions {
  /** Also memory, CPU, event-loop lag and descriptors: once per process, not once per service. */
  readonly withProcess?: boolean;
}

/** Every metric carries the label `service`. */
export function createMetrics(service: string, { withProcess = false }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (withProcess) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter: (options) => new Counter({ ...options, registers }),
    gauge: (options) => new Gauge({ ...options, registers }),
    histogram: (options) => new Histogram(options, registry),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
