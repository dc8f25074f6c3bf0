import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { openAddresses } from './addresses.ts';
import { lockBooks } from './books.ts';
import { type Books, evaluate } from './evaluate.ts';
import { differingFields, fingerprintOf } from './fingerprint.ts';
import { findKeys, type KnownFact, keyText, outcomeOf } from './keys.ts';
import type { PostOutcome, PostRequest } from './request.ts';
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
  const outcomes = requests.map((request) => decide(request, books, known, decided));
  await writeDecisions(em, books, decided);
  return outcomes;
}

/** Adds what was newly decided to `known`, so that a key which comes twice in one call counts once. */
function decide(request: PostRequest, books: Books, known: Map<string, KnownFact>, decided: Decided[]): PostOutcome {
  const fingerprint = fingerprintOf(request);
  const earlier = known.get(keyText(request));
  if (earlier) {
    const differing = differingFields(earlier.fingerprint, fingerprint);
    return differing.length > 0 ? { kind: 'KEY_REUSED', differingFields: differing } : outcomeOf(earlier, true);
  }
  const decision = evaluate(request, books);
  const refusedIds = decision.kind === 'REFUSED' ? request.legs.map(() => newId('transfer')) : [];
  const item: Decided = { request, fingerprint, decision, refusedIds };
  decided.push(item);
  const fact: KnownFact =
    decision.kind === 'POSTED'
      ? { fingerprint, transfers: decision.transfers, transferIds: decision.transfers.map(({ id }) => id), refusal: null }
      : { fingerprint, transfers: [], transferIds: recordedIds(item, books), refusal: decision.refusal };
  known.set(keyText(request), fact);
  return outcomeOf(ensure(known.get(keyText(request)), 'the fact just decided'), false);
}

/** Refused legs that become rows: those that named two known accounts and an amount that a row can hold. */
function recordedIds({ request, refusedIds }: Decided, books: Books): string[] {
  return refusedIds.filter((_id, index) => isRecordable(ensure(request.legs[index], 'the leg of a refused row'), books));
}

function isRecordable(leg: PostRequest['legs'][number], books: Books): boolean {
  return (leg.kind === 'MOVE' || leg.kind === 'HOLD') && leg.amount.minor > 0n && books.ids.has(leg.debit) && books.ids.has(leg.credit);
}
