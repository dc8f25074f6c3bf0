import { ensure, InvariantViolation, unreachable } from '@tessera/service-kit/errors';
import { IdempotencyKeyReused, invalidField, type KeyedAnswer, Money, type Problem, RateLimited } from '@tessera/service-kit/graphql';
import { LedgerBusy, type PostOutcome, type Refusal } from '../engine/index.ts';
import { AccountClosed, WalletNotFound } from '../wallet/wallet.type.ts';
import { LimitExceeded } from './limit-exceeded.type.ts';
import { CurrencyMismatch, InsufficientFunds, RecipientNotFound, SameAccount, TransferCreated } from './transfer-create.type.ts';

/** Where in the arguments the item stands that an answer is about, and in which currency it was asked. */
export interface AskedAt {
  readonly path: readonly string[];
  /** Of the paying wallet, where it was named for several items at once. */
  readonly fromPath?: readonly string[];
  readonly currency: string;
}

/** How a decision about one item is told to who asked for it. */
export function answerOf(outcome: PostOutcome, at: AskedAt): Omit<KeyedAnswer, 'committed'> {
  switch (outcome.kind) {
    case 'KEY_REUSED':
      return { outcome: new IdempotencyKeyReused([...outcome.differingFields]), isReplayed: false };
    case 'REFUSED':
      return { outcome: problemOf(outcome.refusal, at), isReplayed: outcome.isReplayed };
    case 'POSTED':
      return { outcome: new TransferCreated(ensure(outcome.transfers[0], 'the only leg')), isReplayed: outcome.isReplayed };
    default:
      return unreachable(outcome);
  }
}

export function problemOf({ reason, availableMinor, side, limit }: Refusal, { path, fromPath, currency }: AskedAt): Problem {
  const place = (...fields: readonly string[]): string[] => [...path, ...fields];
  const from = [...(fromPath ?? place('fromWalletId'))];
  switch (reason) {
    case 'INSUFFICIENT_FUNDS':
      return new InsufficientFunds(new Money(currency, ensure(availableMinor, 'what was available')), from);
    case 'ACCOUNT_NOT_FOUND':
      return side === 'debit' ? new WalletNotFound(from) : new RecipientNotFound(place('to'));
    case 'RECIPIENT_NOT_FOUND':
      return new RecipientNotFound(place('to'));
    case 'ACCOUNT_CLOSED':
      return new AccountClosed(side === 'debit' ? from : place('to'));
    case 'SAME_ACCOUNT':
      return new SameAccount(place('to'));
    case 'CURRENCY_MISMATCH':
      return new CurrencyMismatch(side === 'debit' ? place('amount', 'currency') : place('to', 'walletId'));
    case 'LIMIT_EXCEEDED': {
      const { kind, minor, resetsAt } = ensure(limit, 'the limit that was in the way');
      return new LimitExceeded({ kind, limit: new Money(currency, minor), resetsAt }, place('amount', 'minor'));
    }
    case 'BALANCE_LIMIT':
      return invalidField([...path.slice(1), 'amount', 'minor'].join('.'), 'too_big', 'more than the recipient’s wallet can count');
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

export function notStored(outcome: object): KeyedAnswer {
  return { outcome, isReplayed: false, committed: [] };
}

/** A full queue refuses before anything is written: no fault, but a refusal that says when to come again, with the same key. */
export async function unlessBusy(submitting: Promise<KeyedAnswer>): Promise<KeyedAnswer> {
  try {
    return await submitting;
  } catch (error) {
    if (error instanceof LedgerBusy) return notStored(new RateLimited(error.retryAfterMs));
    throw error;
  }
}
