import { ensure } from '@tessera/service-kit/errors';
import { type KeyedAnswer, type KeyedCall, RateLimited, refuseInvalid } from '@tessera/service-kit/graphql';
import { areDecided, type PostRequest } from '../engine/index.ts';
import { MAX_MISSES, MISS_WINDOW_MS } from '../recipient/recipient.ts';
import { countedOnce, countMisses } from '../recipient/recipient-misses.ts';
import type { LedgerServices } from '../services.ts';
import { refusalTold } from './post-transfer.ts';
import { answerOf, notStored, unlessBusy } from './transfer-answer.ts';
import { RecipientNotFound, type TransferCreateInput } from './transfer-create.type.ts';
import { askedOf, legOf, receiving, senderRefusal, transferRules } from './transfer-item.ts';

type Call = KeyedCall<LedgerServices>;

/**
 * Moves money from a wallet of the caller to a user or a wallet. The engine's own key is the idempotency record: it is written, with the
 * outcome, in the commit of the transfer, which many calls share. Malformed input and limits leave the key free.
 */
export async function transferCreate(input: TransferCreateInput, call: Call): Promise<KeyedAnswer> {
  const invalid = refuseInvalid(transferRules, input);
  if (invalid) return notStored(invalid);
  const parties = await call.services.findParties(askedOf(input, call));
  const refusal = senderRefusal(parties, input);
  if (refusal) return remember(refusal, 'debit', input, call);
  const isLimited = parties.waitMs > 0;
  const to = isLimited ? null : receiving(parties, input.amount.currency);
  if (to) return submit({ ...requestOf(call), legs: [legOf(input, to)] }, input, call);
  // What was decided under the key before is answered by it, whatever came to be known since.
  const [isDecided] = await areDecided(call.services.em.fork(), [requestOf(call)]);
  if (!isDecided && isLimited) return notStored(new RateLimited(parties.waitMs));
  if (isDecided) return remember('RECIPIENT_NOT_FOUND', 'credit', input, call);
  return (await isMissTooMany(call)) ? notStored(new RateLimited(MISS_WINDOW_MS)) : rememberMiss(input, call);
}

/** Misses are counted per sender: after 20 in an hour nothing is looked up any more, so that nobody can try out addresses. */
async function isMissTooMany(call: Call): Promise<boolean> {
  return (await countMisses(call.services.em.fork(), senderOf(call), { now: call.now, misses: 1 })) > MAX_MISSES;
}

function requestOf({ viewer, key, fingerprint, request }: Call): Omit<PostRequest, 'legs'> {
  return {
    scope: `${viewer.principal}/transferCreate`,
    key,
    fingerprint,
    actor: viewer.principal,
    traceparent: request.traceparent,
  };
}

function rememberMiss(input: TransferCreateInput, call: Call): Promise<KeyedAnswer> {
  const request: PostRequest = { ...requestOf(call), legs: [], refusedFor: 'RECIPIENT_NOT_FOUND', refusedSide: 'credit' };
  const isNew = ({ outcome, isReplayed }: KeyedAnswer): boolean => outcome instanceof RecipientNotFound && !isReplayed;
  return unlessBusy(countedOnce(call.services.em.fork(), senderOf(call), 1, () => decided(request, input, call), isNew));
}

function senderOf({ viewer }: Call): string {
  return ensure(viewer.userId, 'the sender');
}

/** A refusal that was certain before the engine saw it: recorded under the key, so that every retry answers the same. */
function remember(
  refusedFor: NonNullable<PostRequest['refusedFor']>,
  refusedSide: 'debit' | 'credit',
  input: TransferCreateInput,
  call: Call,
): Promise<KeyedAnswer> {
  return submit({ ...requestOf(call), legs: [], refusedFor, refusedSide }, input, call);
}

function submit(request: PostRequest, input: TransferCreateInput, call: Call): Promise<KeyedAnswer> {
  return unlessBusy(decided(request, input, call));
}

async function decided(
  request: PostRequest,
  { fromWalletId, amount: { currency } }: TransferCreateInput,
  call: Call,
): Promise<KeyedAnswer> {
  const { outcome, committed } = await call.services.engine.submit({
    request,
    origin: call.origin,
    tell: (decision) => refusalTold(request, decision, fromWalletId),
  });
  return { ...answerOf(outcome, { path: ['input'], currency }), committed };
}
