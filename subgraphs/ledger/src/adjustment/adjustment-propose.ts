import { ensure } from '@tessera/service-kit/errors';
import { type InvalidInput, invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { newId } from '@tessera/service-kit/ids';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { z } from 'zod';
import { AccountEntity } from '../account/account.entity.ts';
import { databaseNow } from '../database-now.ts';
import { type Address, MAX_MINOR, parseAddress, resolveAddresses, sqlOf } from '../engine/index.ts';
import { plainText } from '../plain-text.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { CurrencyMismatch } from '../transfer/transfer-create.type.ts';
import { AccountClosed } from '../wallet/wallet.type.ts';
import { AdjustmentEntity } from './adjustment.entity.ts';
import { PROPOSAL_LIFETIME_MS } from './adjustment.ts';
import { AdjustmentProposed, type AdjustmentProposeInput, LedgerAccountNotFound } from './adjustment-propose.type.ts';

const MAX_ID = 100;

const rules = z.object({
  debitAccountId: z.string().min(1).max(MAX_ID),
  creditAccountId: z.string().min(1).max(MAX_ID),
  amount: z.object({ minor: z.bigint().min(1n, 'more than 0').max(MAX_MINOR) }),
  reason: plainText,
});

type Refused = InvalidInput | LedgerAccountNotFound | AccountClosed | CurrencyMismatch;

/** Writes down what is to be corrected and why. Nothing moves before another person approves it. */
export async function adjustmentPropose(
  input: AdjustmentProposeInput,
  context: LedgerUseCaseContext,
): Promise<AdjustmentProposed | Refused> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const { em, viewer, request } = context;
  const { currency, minor } = input.amount;
  const debit = await findAccount(em, input.debitAccountId);
  const credit = await findAccount(em, input.creditAccountId);
  const problem = refuseAccount(debit, currency, 'debitAccountId') ?? refuseAccount(credit, currency, 'creditAccountId');
  if (problem) return problem;
  const [debitAccountId, creditAccountId] = [await idOf(em, debit), await idOf(em, credit)];
  if (debitAccountId === creditAccountId) return invalidField('creditAccountId', 'same', 'another account than the one that is debited');

  const now = await databaseNow(em);
  const adjustment = em.create(AdjustmentEntity, {
    id: newId('adjustment'),
    debitAccountId,
    creditAccountId,
    amountMinor: minor,
    currency,
    reason: input.reason.trim(),
    state: 'PROPOSED',
    proposedBy: ensure(viewer.userId, 'the person behind a request with scopes'),
    proposedAt: now,
    proposedTrace: request.traceparent,
    expiresAt: new Date(now.getTime() + PROPOSAL_LIFETIME_MS),
  });
  return new AdjustmentProposed(adjustment.id);
}

/** An account, or a system account that nothing has used yet. */
type Found =
  | { readonly id: string; readonly currency: string; readonly isClosed: boolean }
  | { readonly address: string; readonly currency: string };

async function findAccount(em: EntityManager, reference: string): Promise<Found | null> {
  const known = await em.findOne(AccountEntity, { $or: [{ id: reference }, { address: reference }] });
  if (known) return { id: known.id, currency: known.currency, isClosed: known.isClosed };
  const address = parseAddress(reference);
  return address && mayOpen(address) ? { address: reference, currency: address.currency } : null;
}

/** A slip of the pen must not make an account for a vendor or a provider that does not exist. */
function mayOpen({ kind }: Address): boolean {
  return kind !== 'PAYABLE' && kind !== 'CLEARING';
}

function refuseAccount(account: Found | null, currency: string, field: string): Refused | null {
  const path = ['input', field];
  if (!account) return new LedgerAccountNotFound(path);
  if ('isClosed' in account && account.isClosed) return new AccountClosed(path);
  return account.currency === currency ? null : new CurrencyMismatch(path);
}

async function idOf(em: EntityManager, account: Found | null): Promise<string> {
  const found = ensure(account, 'an account that was found');
  if ('id' in found) return found.id;
  return ensure((await resolveAddresses(sqlOf(em), new Set([found.address]), new Map())).get(found.address), 'the account just opened');
}
