import { type Account, nowSeconds, readSetting } from '../account/account.ts';
import { listPage, listParameters } from '../api/lists.ts';
import { ignored, text } from '../api/parameters.ts';
import { endpoint } from '../api/routes.ts';
import { settledIn } from '../money/settlement.ts';
import { expectRecord } from './records.ts';
import type { BalanceTransaction, FeeDetail } from './types.ts';

const DAY_SECONDS = 86_400;
/** When the money of a payment can be paid out. */
const AVAILABLE_AFTER_SECONDS = 2 * DAY_SECONDS;

export interface Movement {
  /** Minor units, negative when money leaves the balance. */
  readonly amount: number;
  readonly currency: string;
  readonly fee: number;
  readonly feeDescription?: string;
  readonly type: BalanceTransaction['type'];
  readonly category: string;
  readonly source: string;
  readonly description: string | null;
  readonly isAvailableAtOnce?: boolean;
}

/** One change of the balance; `net` = amount − fee, and the sum of all nets is the balance. */
export function moveBalance(account: Account, movement: Movement): BalanceTransaction {
  const { feeDescription = 'Stripe processing fees', isAvailableAtOnce = false } = movement;
  const settled = settledIn(readSetting(account).settlement ?? null, movement);
  const { amount, currency, fee } = settled;
  const created = nowSeconds(account);
  const details: FeeDetail[] =
    fee === 0 ? [] : [{ amount: fee, application: null, currency, description: feeDescription, type: 'stripe_fee' }];
  return account.store.put('balance_transaction', {
    ...{ balance_type: 'payments', exchange_rate: settled.exchange_rate },
    id: account.ids.next('txn'),
    object: 'balance_transaction',
    amount,
    available_on: isAvailableAtOnce ? created : created + AVAILABLE_AFTER_SECONDS,
    created,
    currency,
    description: movement.description,
    fee,
    fee_details: details,
    net: amount - fee,
    reporting_category: movement.category,
    source: movement.source,
    status: isAvailableAtOnce ? 'available' : 'pending',
    type: movement.type,
  });
}

/** Its status follows from the time alone. */
export function withStatus(account: Account, transaction: BalanceTransaction): BalanceTransaction {
  return { ...transaction, status: transaction.available_on <= nowSeconds(account) ? 'available' : 'pending' };
}

/** Stripe's `balance`: the sums of all nets by currency, apart by what can be paid out already. */
function balanceOf(account: Account): object {
  const sums = { available: new Map<string, number>(), pending: new Map<string, number>() };
  for (const transaction of account.store.list('balance_transaction')) {
    const { status, currency, net } = withStatus(account, transaction);
    for (const name of ['available', 'pending'] as const) {
      sums[name].set(currency, (sums[name].get(currency) ?? 0) + (status === name ? net : 0));
    }
  }
  const answer = (byCurrency: Map<string, number>) =>
    [...byCurrency].map(([currency, amount]) => ({ amount, currency, source_types: { card: amount } }));
  return { object: 'balance', available: answer(sums.available), livemode: false, pending: answer(sums.pending) };
}

const PATH = '/v1/balance_transactions';

export const balanceEndpoints = [
  endpoint('GET', '/v1/balance', {}, (account) => balanceOf(account)),
  endpoint('GET', PATH, { ...listParameters, type: text(), source: text(), currency: text(), payout: ignored() }, (account, parameters) =>
    listPage(account, 'balance_transaction', PATH, parameters, ({ type, source, currency }) =>
      [
        [parameters.type, type],
        [parameters.source, source],
        [parameters.currency, currency],
      ].every(([wanted, actual]) => wanted === undefined || wanted === actual),
    ),
  ),
  endpoint('GET', `${PATH}/:id`, {}, (account, _, id) => expectRecord(account, 'balance_transaction', id)),
];
