import { SubgraphTimeout } from '../transport/transport.ts';
import { type Deadline, deadlines } from './deadlines.ts';

/** Resolves as `work` does, or rejects with `SubgraphTimeout`; what `work` does after that is of no interest any more. */
export function within<T>(timeoutMs: number, subgraph: string, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline: Deadline = {
      until: performance.now() + timeoutMs,
      place: -1,
      expire: () => reject(new SubgraphTimeout(`${subgraph} did not answer within ${timeoutMs} ms`)),
    };
    deadlines.add(deadline);
    work.then(
      (value) => {
        deadlines.delete(deadline);
        resolve(value);
      },
      (error: unknown) => {
        deadlines.delete(deadline);
        reject(error);
      },
    );
  });
}
