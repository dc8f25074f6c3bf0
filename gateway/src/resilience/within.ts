import { SubgraphTimeout } from '../transport/transport.ts';

/** Resolves as `work` does, or rejects with `SubgraphTimeout`; what `work` does after that is of no interest any more. */
export async function within<T>(timeoutMs: number, subgraph: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SubgraphTimeout(`${subgraph} did not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  work.catch(() => undefined); // a failure after the bound has nobody left to tell
  return Promise.race([work, expired]).finally(() => clearTimeout(timer));
}
