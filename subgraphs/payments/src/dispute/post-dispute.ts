import { type EventPayload, eventPayloads } from '@tessera/schema/contract';
import { rawSql } from '@tessera/service-kit/persistence';
import { LedgerCommandEntity } from '../ledger/ledger-command.entity.ts';
import { sendCommand } from '../ledger/send-command.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import { clearingOf, disputesOf, expensesOf, referenceOf } from '../provider/card/accounts.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import { splitOfReturn } from '../refund/refund-split.ts';
import type { Act } from '../services.ts';
import type { DisputeEntity } from './dispute.entity.ts';

type Leg = EventPayload<'PostingRequested'>['legs'][number];

/** Postings of disputes, each keyed by the provider's fact: whoever tells of it, and however often, it is booked once. */

export interface BookedDispute {
  readonly payment: PaymentEntity;
  readonly dispute: DisputeEntity;
  /** What of it is in the books: less than its amount when more was taken than the payment still had. */
  readonly bookedMinor: bigint;
}

/** The provider has taken the money back; whether it is lost is open. */
export function postOpened({ payment, dispute, bookedMinor }: BookedDispute, act: Act): void {
  const sides = { debit: disputesOf(payment.currency), credit: clearingOf(dispute.provider, payment.currency) };
  post(payment, disputeKey(dispute, 'opened'), [leg(payment, bookedMinor, sides)], act);
}

/**
 * What the provider charges for the dispute, whoever wins: each change of the total is a fact of its own. The first is keyed `…:fee`, a later
 * one by its number and the new total, such as `…:fee:2:3000`: the same total may come again. @param changeMinor negative: given back
 */
export async function postFee(payment: PaymentEntity, dispute: DisputeEntity, changeMinor: bigint, act: Act): Promise<void> {
  const [expenses, clearing] = [expensesOf(payment.currency), clearingOf(dispute.provider, payment.currency)];
  const isCharged = changeMinor > 0n;
  const sides = isCharged ? { debit: expenses, credit: clearing } : { debit: clearing, credit: expenses };
  const amountMinor = isCharged ? changeMinor : -changeMinor;
  const factKey = await nextFeeKey(dispute, act);
  post(payment, factKey, [{ ...leg(payment, amountMinor, sides), code: 'PROVIDER_FEE' }], act);
}

async function nextFeeKey(dispute: DisputeEntity, { em }: Act): Promise<string> {
  const first = disputeKey(dispute, 'fee');
  const [known] = await rawSql<{ count: string }>(
    em,
    'select count(*) as count from ledger_commands where payment_id = $1 and (fact_key = $2 or starts_with(fact_key, $3))',
    [dispute.paymentId, first, `${first}:`],
  );
  const count = Number(known?.count ?? 0);
  return count === 0 ? first : `${first}:${count + 1}:${dispute.feeMinor}`;
}

/** The money is back at the provider. */
export function postWon({ payment, dispute, bookedMinor }: BookedDispute, act: Act): void {
  const sides = { debit: clearingOf(dispute.provider, payment.currency), credit: disputesOf(payment.currency) };
  post(payment, disputeKey(dispute, 'won'), [leg(payment, bookedMinor, sides)], act);
}

/** Whoever got the money gives it back, as for a refund. */
export async function postLost({ payment, dispute, bookedMinor }: BookedDispute, act: Act): Promise<void> {
  if (bookedMinor === 0n) return;
  dispute.split = await splitOfReturn(payment, bookedMinor, dispute.id, act);
  const credit = disputesOf(payment.currency);
  const legs = dispute.split.map(({ account, minor }) => leg(payment, BigInt(minor), { debit: account, credit }));
  post(payment, disputeKey(dispute, 'lost'), legs, act);
}

/** What was posted when the dispute was opened is what its end is about. */
export async function readBookedMinor(dispute: DisputeEntity, { em }: Act): Promise<bigint> {
  const opened = await em.findOne(LedgerCommandEntity, { factKey: disputeKey(dispute, 'opened') });
  const legs = opened ? eventPayloads.PostingRequested.parse(opened.payload).legs : [];
  return legs.reduce((sofar, { amount }) => sofar + BigInt(amount.minor), 0n);
}

/** @returns such as `stripe:dispute:du_123:opened` */
export function disputeKey(
  { provider, providerDisputeId }: { readonly provider: ProviderName; readonly providerDisputeId: string },
  fact: 'opened' | 'fee' | 'won' | 'lost',
): string {
  return `${provider.toLowerCase()}:dispute:${providerDisputeId}:${fact}`;
}

function leg({ currency }: PaymentEntity, minor: bigint, sides: Pick<Leg, 'debit' | 'credit'>): Leg {
  return { ...sides, amount: { currency, minor: minor.toString() }, code: 'DISPUTE' };
}

/** Of nothing there is nothing to post. */
function post(payment: PaymentEntity, factKey: string, legs: readonly Leg[], act: Act): void {
  const moving = legs.filter(({ amount }) => amount.minor !== '0');
  if (moving.length === 0) return;
  sendCommand(act, { type: 'PostingRequested', payload: { factKey, legs: moving, pendingUntil: null, ...referenceOf(payment) } });
}
