import { InvariantViolation } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { openAddresses } from './addresses.ts';
import { lockBooks } from './books.ts';
import { type Books, evaluate } from './evaluate.ts';
import { differingFields, fingerprintOf } from './fingerprint.ts';
import { findKeys, type KnownFact, keyText } from './keys.ts';
import type { PostOutcome, PostRequest } from './request.ts';
import { postedRow, refusedRows } from './rows.ts';
import { type Decided, writeDecisions } from './write.ts';

const MAX_REQUESTS = 1_000;
const MAX_LEGS = 250;

/**
 * Posts requests inside the caller's transaction; outcomes in the order of the requests. A refusal is an outcome, remembered under its key
 * like a success. Accounts are locked until the commit, in the order of their ids. Safe to retry: the same key answers the same outcome.
 * When two transactions race with one new key, the second gets a unique violation, on which the kit runs its transaction again.
 */
export async function post(em: EntityManager, requests: readonly PostRequest[]): Promise<PostOutcome[]> {
  if (!em.isInTransaction()) throw new InvariantViolation('The engine posts inside the transaction of its caller.');
  if (requests.length > MAX_REQUESTS || requests.some(({ legs }) => legs.length === 0 || legs.length > MAX_LEGS)) {
    throw new InvariantViolation(`The engine takes at most ${MAX_REQUESTS} requests of 1 to ${MAX_LEGS} legs.`);
  }
  await openAddresses(em, requests);
  const books = await lockBooks(em, requests, newId);
  const known = await findKeys(em, requests);
  const decided: Decided[] = [];
  const outcomes = requests.map((request) => answer(request, books, known, decided));
  await writeDecisions(em, books, decided);
  return outcomes;
}

/** Adds what it newly decides to `known`, so that a key which comes twice in one call counts once, and to `decided`, to be written. */
function answer(request: PostRequest, books: Books, known: Map<string, KnownFact>, decided: Decided[]): PostOutcome {
  const fingerprint = fingerprintOf(request);
  const earlier = known.get(keyText(request));
  if (earlier) {
    const differing = differingFields(earlier.fingerprint, fingerprint);
    return differing.length > 0 ? { kind: 'KEY_REUSED', differingFields: differing } : { ...earlier.decision, isReplayed: true };
  }
  const decision = evaluate(request, books);
  const rows =
    decision.kind === 'POSTED'
      ? decision.transfers.map((transfer) => postedRow(transfer, request, books.now))
      : refusedRows(request, decision.refusal, books);
  known.set(keyText(request), { fingerprint, decision });
  decided.push({ request, fingerprint, decision, rows });
  return { ...decision, isReplayed: false };
}
