import { ensure, InvariantViolation, unreachable } from '@tessera/service-kit/errors';
import {
  IdempotencyKeyReused,
  invalidField,
  type KeyedAnswer,
  type KeyedCall,
  Money,
  type Problem,
  RateLimited,
  refuseInvalid,
} from '@tessera/service-kit/graphql';
import { unitOfWork } from '@tessera/service-kit/messaging';
import { z } from 'zod';
import { findKey, MAX_MINOR, type PostOutcome, type PostRequest, type Refusal } from '../engine/index.ts';
import { plainText } from '../plain-text.ts';
import { handleKeyOf, MAX_MISSES, MISS_WINDOW_MS } from '../recipient/recipient.ts';
import { countMiss } from '../recipient/recipient-misses.ts';
import type { LedgerServices } from '../services.ts';
import { AccountClosed, WalletNotFound } from '../wallet/wallet.type.ts';
import { ensureDefaultWallet } from '../wallet/wallet-ensure.ts';
import type { AskedParties, Parties } from './parties.ts';
import { transferTold } from './post-transfer.ts';
import {
  CurrencyMismatch,
  InsufficientFunds,
  RecipientNotFound,
  SameAccount,
  TransferCreated,
  type TransferCreateInput,
} from './transfer-create.type.ts';

const MAX_ID = 100;
const MAX_HANDLE = 64;
const MAX_EMAIL = 254;

/** What holds for every order to send money, now or later. */
export const transferRules = z.object({
  fromWalletId: z.string().min(1).max(MAX_ID),
  to: z
    .object({
      email: z.string().max(MAX_EMAIL).nullish(),
      handle: z.string().trim().min(1).max(MAX_HANDLE).nullish(),
      walletId: z.string().min(1).max(MAX_ID).nullish(),
    })
    .refine(
      (to) => [to.email, to.handle, to.walletId].filter((value) => (value ?? null) !== null).length === 1,
      'exactly one of email, handle and walletId',
    ),
  amount: z.object({ minor: z.bigint().min(1n, 'more than 0').max(MAX_MINOR) }),
  note: plainText.nullish(),
});

type Call = KeyedCall<LedgerServices>;

/**
 * Moves money from a wallet of the caller to a user or a wallet. The engine's own key is the idempotency record: it is written, with the
 * outcome, in the commit of the transfer, which many calls share. Malformed input and limits leave the key free.
 */
export async function transferCreate(input: TransferCreateInput, call: Call): Promise<KeyedAnswer> {
  const invalid = refuseInvalid(transferRules, input);
  if (invalid) return notStored(invalid);
  const { currency } = input.amount;
  const parties = await call.services.findParties(askedOf(input, call));
  const { from } = parties;
  if (!from) return remember('ACCOUNT_NOT_FOUND', 'debit', input, call);
  if (from.isClosed) return remember('ACCOUNT_CLOSED', 'debit', input, call);
  if (from.currency !== currency) return remember('CURRENCY_MISMATCH', 'debit', input, call);
  if (parties.waitMs > 0) return (await replay(input, call)) ?? notStored(new RateLimited(parties.waitMs));
  const to = await receiving(parties, currency, call);
  if (!to) return (await replay(input, call)) ?? miss(input, call);
  const note = input.note?.trim() ?? null;
  const leg = { kind: 'MOVE', debit: from.id, credit: to, amount: input.amount, code: 'TRANSFER', note } as const;
  return submit({ ...requestOf(call), legs: [leg] }, from.id, input, call);
}

/** Whom the directory is asked about. */
export function askedOf(
  { fromWalletId, to, amount }: Pick<TransferCreateInput, 'fromWalletId' | 'to' | 'amount'>,
  { viewer, services, now }: Pick<Call, 'viewer' | 'services' | 'now'>,
): AskedParties {
  return {
    senderId: ensure(viewer.userId, 'the user of an authenticated mutation'),
    fromWalletId,
    currency: amount.currency,
    toWalletId: to.walletId ?? null,
    emailKey: to.email ? services.emailKeyOf(to.email) : null,
    handleKey: to.handle ? handleKeyOf(to.handle) : null,
    now,
  };
}

/** A known user without a wallet in the currency gets one, in a commit before the transfer's. */
async function receiving({ toWalletId, toUserId }: Parties, currency: string, { services, origin }: Call): Promise<string | null> {
  if (toWalletId || !toUserId) return toWalletId;
  const { result } = await unitOfWork(services.em, origin, (unit) => ensureDefaultWallet(toUserId, currency, unit));
  return result.id;
}

/** Misses are counted per sender: after 20 in an hour nothing is looked up any more, so that nobody can try out addresses. */
async function miss(input: TransferCreateInput, call: Call): Promise<KeyedAnswer> {
  const misses = await countMiss(call.services.em.fork(), ensure(call.viewer.userId, 'the sender'), call.now);
  return misses > MAX_MISSES ? notStored(new RateLimited(MISS_WINDOW_MS)) : remember('RECIPIENT_NOT_FOUND', 'credit', input, call);
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

/** A refusal that was certain before the engine saw it: recorded under the key, so that every retry answers the same. */
function remember(
  refusedFor: NonNullable<PostRequest['refusedFor']>,
  refusedSide: 'debit' | 'credit',
  input: TransferCreateInput,
  call: Call,
): Promise<KeyedAnswer> {
  return submit({ ...requestOf(call), legs: [], refusedFor, refusedSide }, input.fromWalletId, input, call);
}

async function submit(request: PostRequest, aggregateId: string, input: TransferCreateInput, call: Call): Promise<KeyedAnswer> {
  const { outcome, committed } = await call.services.engine.submit({
    request,
    origin: call.origin,
    tell: (decided) => transferTold(request, decided, aggregateId),
  });
  return { ...answerOf(outcome, input.amount.currency), committed };
}

/** What the key answered before, if it did. */
async function replay({ amount }: TransferCreateInput, call: Call): Promise<KeyedAnswer | null> {
  const { scope, key } = requestOf(call);
  const known = await findKey(call.services.em.fork(), scope, key);
  return known ? { ...answerOf({ ...known.decision, isReplayed: true }, amount.currency), committed: [] } : null;
}

function notStored(outcome: object): KeyedAnswer {
  return { outcome, isReplayed: false, committed: [] };
}

function answerOf(outcome: PostOutcome, currency: string): Omit<KeyedAnswer, 'committed'> {
  switch (outcome.kind) {
    case 'KEY_REUSED':
      return { outcome: new IdempotencyKeyReused([...outcome.differingFields]), isReplayed: false };
    case 'REFUSED':
      return { outcome: problemOf(outcome.refusal, currency), isReplayed: outcome.isReplayed };
    case 'POSTED':
      return { outcome: new TransferCreated(ensure(outcome.transfers[0], 'the only leg').id), isReplayed: outcome.isReplayed };
    default:
      return unreachable(outcome);
  }
}

/** How a transfer between two wallets says why it was refused. */
export function problemOf({ reason, availableMinor, side }: Refusal, currency: string): Problem {
  switch (reason) {
    case 'INSUFFICIENT_FUNDS':
      return new InsufficientFunds(new Money(currency, ensure(availableMinor, 'what was available')));
    case 'ACCOUNT_NOT_FOUND':
      return side === 'debit' ? new WalletNotFound() : new RecipientNotFound();
    case 'RECIPIENT_NOT_FOUND':
      return new RecipientNotFound();
    case 'ACCOUNT_CLOSED':
      return new AccountClosed(side === 'debit' ? ['input', 'fromWalletId'] : ['input', 'to']);
    case 'SAME_ACCOUNT':
      return new SameAccount();
    case 'CURRENCY_MISMATCH':
      return new CurrencyMismatch(side === 'debit' ? ['input', 'amount', 'currency'] : ['input', 'to', 'walletId']);
    case 'BALANCE_LIMIT':
      return invalidField('amount.minor', 'too_big', 'more than the recipient’s wallet can count');
    case 'ALREADY_REVERSED':
    case 'AMOUNT_INVALID':
    case 'DEADLINE_PASSED':
    case 'HOLD_EXPIRED':
    case 'HOLD_NOT_DUE':
    case 'HOLD_NOT_FOUND':
    case 'HOLD_POSTED':
    case 'HOLD_VOIDED':
      throw new InvariantViolation(`A transfer between two wallets cannot be refused for ${reason}.`);
    default:
      return unreachable(reason);
  }
}
