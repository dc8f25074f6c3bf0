import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import { type InvalidInput, invalidField, Money, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { MAX_MINOR, type Refusal } from '../engine/index.ts';
import { plainText } from '../plain-text.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { AccountClosed } from '../wallet/wallet.type.ts';
import { postTransfer } from './post-transfer.ts';
import { TransferEntity } from './transfer.entity.ts';
import { decideReverse, type ReversalDecision } from './transfer.ts';
import { InsufficientFunds } from './transfer-create.type.ts';
import { TransferNotFound, TransferNotReversible, TransferReversed, type TransferReverseInput } from './transfer-reverse.type.ts';

const MAX_ID = 100;
const rules = z.object({ transferId: z.string().min(1).max(MAX_ID), note: plainText });

const WHY_NOT: Readonly<Record<Exclude<ReversalDecision, 'REVERSE'>, string>> = {
  NOT_POSTED: 'Only a posted transfer can be reversed.',
  IS_REVERSAL: 'A reversal cannot be reversed: make a new transfer.',
  TOOK_TWO: 'What two people decided is taken back by two: propose an adjustment the other way round.',
  BELONGS_TO_PAYMENT: 'Money of a payment goes back by a refund.',
};

type TransferReverseOutcome =
  | TransferReversed
  | TransferNotFound
  | TransferNotReversible
  | InsufficientFunds
  | AccountClosed
  | InvalidInput;

/** Takes a transfer back by a new one the other way round, once: the database holds that nothing is reversed twice. */
export async function transferReverse(input: TransferReverseInput, context: LedgerUseCaseContext): Promise<TransferReverseOutcome> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const { em, viewer, request, idempotencyKey } = context;
  const transfer = await em.findOne(TransferEntity, input.transferId);
  if (!transfer) return new TransferNotFound();
  const decision = decideReverse(transfer);
  if (decision !== 'REVERSE') return new TransferNotReversible(WHY_NOT[decision]);

  const amount = { currency: transfer.currency, minor: transfer.amountMinor };
  const back = { debit: transfer.creditAccountId, credit: transfer.debitAccountId, amount, note: input.note.trim(), reverses: transfer.id };
  const outcome = await postTransfer(
    {
      scope: `${viewer.principal}/transferReverse`,
      key: ensure(idempotencyKey, 'the key of a mutation'),
      legs: [{ kind: 'MOVE', code: 'REVERSAL', ...back }],
      actor: viewer.principal,
      traceparent: request.traceparent,
    },
    transfer.creditAccountId,
    context,
  );
  if (outcome.kind === 'REFUSED') return problemOf(outcome.refusal, transfer.currency);
  return new TransferReversed(outcome.transferId);
}

function problemOf({ reason, availableMinor }: Refusal, currency: string): TransferReverseOutcome {
  if (reason === 'INSUFFICIENT_FUNDS')
    return new InsufficientFunds(new Money(currency, ensure(availableMinor, 'what was available')), ['input', 'transferId']);
  if (reason === 'ACCOUNT_CLOSED') return new AccountClosed(['input', 'transferId']);
  if (reason === 'ALREADY_REVERSED') return new TransferNotReversible('The transfer was reversed already.');
  if (reason === 'BALANCE_LIMIT') return invalidField('transferId', 'too_big', `the account would count beyond ${MAX_MINOR}`);
  throw new InvariantViolation(`A reversal cannot be refused for ${reason}.`);
}
