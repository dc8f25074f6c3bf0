import { ensure, InvariantViolation, unreachable } from '@tessera/service-kit/errors';
import { type InvalidInput, invalidField, Money, RateLimited, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { AccountEntity } from '../account/account.entity.ts';
import { MAX_MINOR, type PostRequest, type Refusal } from '../engine/index.ts';
import { recipientFind } from '../recipient/recipient-find.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { AccountClosed, WalletNotFound } from '../wallet/wallet.type.ts';
import { postTransfer } from './post-transfer.ts';
import {
  CurrencyMismatch,
  InsufficientFunds,
  RecipientNotFound,
  SameAccount,
  TransferCreated,
  type TransferCreateInput,
} from './transfer-create.type.ts';

const MAX_NOTE = 140;
const MAX_ID = 100;
const MAX_HANDLE = 64;
const MAX_EMAIL = 254;

const rules = z.object({
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
  note: z.string().trim().min(1, 'leave it out instead').max(MAX_NOTE).nullish(),
});

type TransferCreateOutcome =
  | TransferCreated
  | InsufficientFunds
  | RecipientNotFound
  | AccountClosed
  | CurrencyMismatch
  | SameAccount
  | WalletNotFound
  | RateLimited
  | InvalidInput;

/**
 * Moves money from a wallet of the caller to a user or a wallet. Runs inside the transaction that also holds the idempotency claim and the
 * outbox; the engine remembers the fact, or its refusal, under the same key for ever.
 */
export async function transferCreate(input: TransferCreateInput, context: LedgerUseCaseContext): Promise<TransferCreateOutcome> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const { em, viewer } = context;
  const senderId = ensure(viewer.userId, 'the user of an authenticated mutation');
  const { currency } = input.amount;

  const from = await em.findOne(AccountEntity, { id: input.fromWalletId, ownerId: senderId, kind: 'WALLET' });
  if (!from) return new WalletNotFound();
  if (from.isClosed) return new AccountClosed(['input', 'fromWalletId']);
  if (from.currency !== currency) return new CurrencyMismatch(['input', 'amount', 'currency']);

  const to = await recipientFind(input.to, { senderId, currency }, context);
  if (!to) return new RecipientNotFound();
  if (to instanceof RateLimited) return to;
  return move(input, from, to, context);
}

async function move(
  input: TransferCreateInput,
  from: AccountEntity,
  to: AccountEntity,
  context: LedgerUseCaseContext,
): Promise<TransferCreateOutcome> {
  const { viewer, request: facts, idempotencyKey } = context;
  const request: PostRequest = {
    scope: `${viewer.principal}/transferCreate`,
    key: ensure(idempotencyKey, 'the key of a mutation'),
    legs: [{ kind: 'MOVE', debit: from.id, credit: to.id, amount: input.amount, code: 'TRANSFER', note: input.note?.trim() ?? null }],
    actor: viewer.principal,
    traceparent: facts.traceparent,
  };
  const outcome = await postTransfer(request, from.id, context);
  if (outcome.kind === 'REFUSED') return problemOf(outcome.refusal, from.currency);
  return new TransferCreated(outcome.transferId);
}

/** Refusals that the checks above have not already answered: what changed between reading and locking, and balances. */
function problemOf({ reason, availableMinor }: Refusal, currency: string): TransferCreateOutcome {
  switch (reason) {
    case 'INSUFFICIENT_FUNDS':
      return new InsufficientFunds(new Money(currency, ensure(availableMinor, 'what was available')));
    case 'ACCOUNT_CLOSED':
      return new AccountClosed(['input', 'to']);
    case 'SAME_ACCOUNT':
      return new SameAccount();
    case 'CURRENCY_MISMATCH':
      return new CurrencyMismatch(['input', 'to', 'walletId']);
    case 'BALANCE_LIMIT':
      return invalidField('amount.minor', 'too_big', 'more than the recipient’s wallet can count');
    case 'RECIPIENT_NOT_FOUND':
    case 'ACCOUNT_NOT_FOUND':
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
