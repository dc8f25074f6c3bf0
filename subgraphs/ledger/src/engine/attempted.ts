import type { Queued, Settled } from './submission.ts';

/** One transaction's worth of answers, before its commit was answered. */
export interface Attempt {
  /** Names what is committed together. */
  readonly batchId: string;
  /** In the order of the items. */
  readonly settled: readonly Settled[];
}

/**
 * What failed attempts would have answered. Where the answer to a commit is lost, the next attempt finds under the key by which batch it was
 * decided: if it was by one of ours, whoever asked is told what they would have been told, and not that somebody was there before.
 */
export class Attempted {
  readonly #answers = new WeakMap<Queued, Map<string, Settled>>();

  add(items: readonly Queued[], { batchId, settled }: Attempt): void {
    for (const [at, item] of items.entries()) {
      const answers = this.#answers.get(item) ?? new Map<string, Settled>();
      answers.set(batchId, settled[at] as Settled); // one for each
      this.#answers.set(item, answers);
    }
  }

  /** Whether it may be committed although nobody has told us. */
  has(item: Queued): boolean {
    return this.#answers.has(item);
  }

  answer(item: Queued, batchId: string | null | undefined): Settled | undefined {
    return batchId ? this.#answers.get(item)?.get(batchId) : undefined;
  }
}
