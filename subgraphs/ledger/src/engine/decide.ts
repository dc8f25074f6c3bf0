import type { AccountState } from './account.ts';
import { lockBooks } from './books.ts';
import { type Books, evaluate } from './evaluate.ts';
import { differingFields, fingerprintOf } from './fingerprint.ts';
import type { Item } from './item.ts';
import type { KnownFact } from './keys.ts';
import type { Known, Learned } from './known.ts';
import type { DefaultLimits } from './limit.ts';
import type { PostOutcome } from './request.ts';
import type { Sql } from './sql.ts';
import { type Decided, writeDecisions } from './write.ts';

export interface Decisions {
  /** In the order of the items. */
  readonly outcomes: readonly PostOutcome[];
  /** What is decided under their keys now, by `keyHash`. */
  readonly decided: ReadonlyMap<string, KnownFact>;
  /** Names what is committed together. */
  readonly batchId: string;
  readonly now: Date;
  /** For everybody, once this is committed. */
  readonly learned: Learned;
  /** Wallets that came to be because something moved to them; the others are to be told. */
  readonly opened: readonly AccountState[];
  /** What is being written; nothing may be committed before all are done. */
  readonly writes: readonly Promise<unknown>[];
}

/**
 * Decides and writes requests in the transaction of `sql`; a refusal is an outcome, remembered under
 * its key like a success. Accounts are locked until the commit, in the order of their ids.
 */
export async function decide(sql: Sql, items: readonly Item[], known: Known, defaultLimits: DefaultLimits): Promise<Decisions> {
  const books = await lockBooks(sql, items, known, defaultLimits);
  const { outcomes, fresh } = answerAll(items, books, books.decided);
  const { decided, batchId, now, learned } = books;
  return { outcomes, decided, batchId, now, learned, ...(await writeDecisions(sql, books, fresh)) };
}

/** Pure: one answer for each item in their order, and what is new among them. */
export function answerAll(items: readonly Item[], books: Books, decided: Map<string, KnownFact>) {
  const fresh: Decided[] = [];
  return { outcomes: items.map((item) => answer(item, books, decided, fresh)), fresh };
}

/** Adds what it newly decides to `decided`, so that a key which comes twice in one call counts once, and to `fresh`, to be written. */
function answer({ request, hash }: Item, books: Books, decided: Map<string, KnownFact>, fresh: Decided[]): PostOutcome {
  const fingerprint = fingerprintOf(request);
  const earlier = decided.get(hash);
  if (earlier) {
    const differing = differingFields(earlier.fingerprint, fingerprint);
    return differing.length > 0 ? { kind: 'KEY_REUSED', differingFields: differing } : { ...earlier.decision, isReplayed: true };
  }
  const decision = evaluate(request, books);
  decided.set(hash, { fingerprint, decision, batchId: null });
  fresh.push({ request, hash, fingerprint, decision });
  return { ...decision, isReplayed: false };
}
