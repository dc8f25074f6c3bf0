import { type EventPayload, eventPayloads } from '@tessera/schema/contract';
import { rawSql } from '@tessera/service-kit/persistence';
import { clearingOf, disputesOf, expensesOf, referenceOf } from '../ledger/accounts.ts';
import { LedgerCommandEntity } from '../ledger/ledger-command.entity.ts';
import { sendCommand } from '../ledger/send-command.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import type { SplitPart } from '../payment/split.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import { splitOfReturn } from '../refund/refund-split.ts';
import type { Act } from '../services.ts';
import type { DisputeEntity } from './dispute.entity.ts';

type Leg = EventPayload<'PostingRequested'>['legs'][number];

/** Postings of disputes, each keyed by the provider's fact: whoever tells of it, and however often, it is booked once. */

export interface BookedDispute {
  readonly payment: PaymentEntity;
  readonly dispute: DisputeEntity;
  /** What the provider took, and the clearing account moves by: all of it, whatever the payment still had. */
  readonly takenMinor: bigint;
  /** What of it counts against the payment; the rest is the platform's. */
  readonly fitsMinor: bigint;
}

/** The provider has taken the money back; whether it is lost is open. */
export function postOpened({ payment, dispute, takenMinor }: BookedDispute, act: Act): void {
  const sides = { debit: disputesOf(payment.currency), credit: clearingOf(dispute.provider, payment.currency) };
  post(payment, disputeKey(dispute, 'opened'), [leg(payment, takenMinor, sides)], act);
}

/**
 * What the provider charges for the dispute, whoever wins: each change of the total is a fact of its own. The first is keyed `…:fee`, a later
 * one by its number and the new total, such as `…:fee:2:3000`: the same total may come again. @param changeMinor negative: given back
 */
export async function postFee(payment: PaymentEntity, dispute: DisputeEntity, changeMinor: bigint, act: Act): Promise<void> {
  const currency = dispute.feeCurrency ?? payment.currency;
  const [expenses, clearing] = [expensesOf(currency), clearingOf(dispute.provider, currency)];
  const isCharged = changeMinor > 0n;
  const sides = isCharged ? { debit: expenses, credit: clearing } : { debit: clearing, credit: expenses };
  const amountMinor = isCharged ? changeMinor : -changeMinor;
  const factKey = await nextFeeKey(dispute, act);
  post(payment, factKey, [{ ...leg({ currency }, amountMinor, sides), code: 'PROVIDER_FEE' }], act);
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

/** The money is back at the provider, and nobody bears anything. */
export function postWon({ payment, dispute, takenMinor }: BookedDispute, act: Act): void {
  const sides = { debit: clearingOf(dispute.provider, payment.currency), credit: disputesOf(payment.currency) };
  dispute.split = [];
  post(payment, disputeKey(dispute, 'won'), [leg(payment, takenMinor, sides)], act);
}

/** Whoever got the money gives back what fits, as for a refund; what does not, the platform bears. */
export async function postLost({ payment, dispute, fitsMinor }: BookedDispute, act: Act): Promise<void> {
  const returned = fitsMinor === 0n ? [] : await splitOfReturn(payment, fitsMinor, dispute.id, act);
  dispute.split = [...returned, ...dispute.split];
  const credit = disputesOf(payment.currency);
  const legs = dispute.split.map(({ account, minor }) => leg(payment, BigInt(minor), { debit: account, credit }));
  post(payment, disputeKey(dispute, 'lost'), legs, act);
}

/** Who bears what does not fit into the payment: known when the dispute is opened, due when it is lost. */
export function beyondPayment({ currency }: PaymentEntity, beyondMinor: bigint): readonly SplitPart[] {
  return beyondMinor > 0n ? [{ account: expensesOf(currency), minor: beyondMinor.toString() }] : [];
}

/**
 * An open dispute that is known. What was posted when it was opened is what its end is about: of one from before the whole amount was
 * posted that is less than its amount.
 */
export async function readBooked(payment: PaymentEntity, dispute: DisputeEntity, { em }: Act): Promise<BookedDispute> {
  const opened = await em.findOne(LedgerCommandEntity, { factKey: disputeKey(dispute, 'opened') });
  const legs = opened ? eventPayloads.PostingRequested.parse(opened.payload).legs : [];
  const takenMinor = legs.reduce((sofar, { amount }) => sofar + BigInt(amount.minor), 0n);
  const beyondMinor = dispute.split.reduce((sofar, { minor }) => sofar + BigInt(minor), 0n);
  return { payment, dispute, takenMinor, fitsMinor: takenMinor - beyondMinor };
}

/** @returns such as `stripe:dispute:du_123:opened` */
export function disputeKey(
  { provider, providerDisputeId }: { readonly provider: ProviderName; readonly providerDisputeId: string },
  fact: 'opened' | 'fee' | 'won' | 'lost',
): string {
  return `${provider.toLowerCase()}:dispute:${providerDisputeId}:${fact}`;
}

function leg({ currency }: Pick<PaymentEntity, 'currency'>, minor: bigint, sides: Pick<Leg, 'debit' | 'credit'>): Leg {
  return { ...sides, amount: { currency, minor: minor.toString() }, code: 'DISPUTE' };
}

/** Of nothing there is nothing to post. */
function post(payment: PaymentEntity, factKey: string, legs: readonly Leg[], act: Act): void {
  const moving = legs.filter(({ amount }) => amount.minor !== '0');
  if (moving.length === 0) return;
  sendCommand(act, { type: 'PostingRequested', payload: { factKey, legs: moving, pendingUntil: null, ...referenceOf(payment) } });
}
