import type { Account } from '../account/account.ts';
import type { Charge, Dispute, Refund } from '../objects/money-types.ts';
import type { Books, ChargeEntry, CurrencyTotals, DisputeEntry, RefundEntry } from './types.ts';

/** Counted from the objects, and the net from the balance transactions: that both agree is for the reader to check. */
export function booksOf({ store }: Account): Books {
  const charges = store.list('charge').filter(isSuccessful).map(chargeEntry);
  const refunds = store.list('refund').filter(isStanding).map(refundEntry);
  const disputes = store.list('dispute').map(disputeEntry);
  const transactions = store.list('balance_transaction');
  const currencies = new Set([...charges, ...transactions].map(({ currency }) => currency));
  const totalsOf = (wanted: string): CurrencyTotals => {
    const sum = <T extends { readonly currency: string }>(entries: readonly T[], value: (entry: T) => number): number =>
      entries.reduce((total, entry) => total + (entry.currency === wanted ? value(entry) : 0), 0);
    return {
      charged: sum(charges, ({ amount }) => amount),
      refunded: sum(refunds, ({ amount }) => amount),
      disputed: sum(disputes, ({ amount, status }) => (status === 'won' ? 0 : amount)),
      fees: sum(transactions, ({ fee }) => fee),
      net: sum(transactions, ({ net }) => net),
    };
  };
  return { currencies: Object.fromEntries([...currencies].map((currency) => [currency, totalsOf(currency)])), charges, refunds, disputes };
}

export function chargesFor({ store }: Account, key: string, value: string): readonly ChargeEntry[] {
  const isTagged = ({ metadata, payment_intent: intent }: Charge): boolean => {
    const session = store.get('intent_context', intent)?.checkout_session;
    return [
      metadata,
      store.get('payment_intent', intent)?.metadata,
      session ? store.get('checkout_session', session)?.metadata : undefined,
    ].some((one) => one?.[key] === value);
  };
  return store
    .list('charge')
    .filter((charge) => isSuccessful(charge) && isTagged(charge))
    .map(chargeEntry);
}

export function refundsFor({ store }: Account, key: string, value: string): readonly RefundEntry[] {
  return store
    .list('refund')
    .filter(isStanding)
    .filter(({ metadata, charge }) => metadata[key] === value || store.get('charge', charge)?.metadata[key] === value)
    .map(refundEntry);
}

export function disputeEntry({ id, amount, currency, metadata, payment_intent, charge, status, reason }: Dispute): DisputeEntry {
  return { id, amount, currency, metadata, payment_intent, charge, status, reason };
}

function chargeEntry({ id, amount, amount_captured, captured, currency, metadata, payment_intent }: Charge): ChargeEntry {
  return { id, amount: amount_captured, currency, metadata, payment_intent, captured, authorized: amount };
}

function refundEntry({ id, amount, currency, metadata, payment_intent, charge, status }: Refund): RefundEntry {
  return { id, amount, currency, metadata, payment_intent, charge, status };
}

function isSuccessful({ status }: Charge): boolean {
  return status === 'succeeded';
}

function isStanding({ status }: Refund): boolean {
  return status !== 'failed' && status !== 'canceled';
}
