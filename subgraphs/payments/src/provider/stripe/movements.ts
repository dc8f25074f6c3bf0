import type Stripe from 'stripe';
import type { ProviderMovement } from '../provider-adapter.ts';
import { ProviderError } from '../provider-error.ts';
import { currencyFromStripe } from './amounts.ts';
import { idOf } from './attempt-report.ts';
import { askEach } from './errors.ts';
import { PAGE_SIZE } from './lists.ts';

/** Of one window. */
const MAX_MOVEMENTS = 100_000;

/** https://docs.stripe.com/reports/reporting-categories */
const KINDS: Readonly<Record<string, ProviderMovement['kind']>> = {
  charge: 'CHARGE',
  refund: 'REFUND',
  refund_failure: 'REFUND_FAILED',
  dispute: 'DISPUTE',
  dispute_reversal: 'DISPUTE_REVERSED',
  fee: 'FEE',
  network_cost: 'FEE',
  tax: 'FEE',
  payout: 'PAYOUT',
  payout_reversal: 'PAYOUT',
};

/**
 * Page by page as they come, so newest first; the next page is asked for once this one has been taken.
 * @param signal ends it: no further page is asked for
 * @throws ProviderError REJECTED for a window with too many, or one in a currency that the ledger does not have; UNKNOWN when it was ended
 */
export async function* movements(stripe: Stripe, from: Date, to: Date, signal?: AbortSignal): AsyncGenerator<ProviderMovement> {
  const created = { gte: secondsFrom(from), lt: secondsFrom(to) };
  let read = 0;
  for await (const line of askEach(() => stripe.balanceTransactions.list({ created, limit: PAGE_SIZE }))) {
    if (signal?.aborted) throw new ProviderError('UNKNOWN', 'READING_ENDED');
    if (++read > MAX_MOVEMENTS) throw new ProviderError('REJECTED', 'TOO_MANY_MOVEMENTS');
    yield movementOf(line);
  }
}

/** The first whole second that is not before it. */
function secondsFrom(instant: Date): number {
  return Math.ceil(instant.getTime() / 1_000);
}

function movementOf(line: Stripe.BalanceTransaction): ProviderMovement {
  return {
    id: line.id,
    kind: KINDS[line.reporting_category] ?? 'OTHER',
    sourceId: idOf(line.source),
    currency: currencyFromStripe(line.currency),
    amountMinor: BigInt(line.amount),
    feeMinor: BigInt(line.fee),
    netMinor: BigInt(line.net),
    isConverted: line.exchange_rate !== null,
    createdAt: new Date(line.created * 1_000),
  };
}
