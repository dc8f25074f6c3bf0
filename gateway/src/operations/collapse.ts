import type { Viewer } from '@tessera/service-kit/identity';
import type { Metrics, RawAnswer } from '@tessera/service-kit/service';
import { partitionOf } from '../identity/partition.ts';

/** The part of an answer that is the same for everybody who asked the same. */
export type SharedAnswer = Pick<RawAnswer, 'status' | 'body' | 'encoding'> & { readonly headers: Readonly<Record<string, string>> };

/** What makes two requests the same question of the same asker. */
export interface Question {
  readonly viewer: Viewer;
  readonly seen: string | null;
  readonly accept: string;
  readonly body: string;
}

export interface Collapse {
  /** Asks, or waits for an equal question that is under way. Only for queries: a mutation that is asked twice must be carried out twice. */
  ask(question: Question, answer: () => Promise<SharedAnswer>): Promise<SharedAnswer>;
}

/** More questions than that under way at once are asked on their own. */
const MAX_UNDER_WAY = 10_000;

/** Equal queries of one principal with the same rights, at the same time, are executed once. Nothing is kept beyond the answer. */
export function createCollapse(metrics: Metrics): Collapse {
  const underWay = new Map<string, Promise<SharedAnswer>>();
  const collapsed = metrics.counter({
    name: 'tessera_gateway_collapsed_total',
    help: 'Queries that were answered together with an equal one that was under way.',
  });
  return {
    ask: (question, answer) => {
      const key = keyOf(question);
      const known = underWay.get(key);
      if (known) {
        collapsed.inc();
        return known;
      }
      if (underWay.size >= MAX_UNDER_WAY) return answer();
      const asked = answer().finally(() => underWay.delete(key));
      underWay.set(key, asked);
      return asked;
    },
  };
}

/** Every value that could change the answer; none can be mistaken for a part of another. */
function keyOf({ viewer, seen, accept, body }: Question): string {
  return `${partitionOf(viewer).key}${JSON.stringify([seen, accept])}${body}`;
}
