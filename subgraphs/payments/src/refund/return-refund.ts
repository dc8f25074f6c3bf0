import { clearingOf, escrowOf, referenceOf } from '../ledger/accounts.ts';
import type { LedgerCommandEntity } from '../ledger/ledger-command.entity.ts';
import { sendCommand } from '../ledger/send-command.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import { alarmOnce, bounded } from '../payment/record.ts';
import { partsByAccount, type SplitPart } from '../payment/split.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { Act } from '../services.ts';
import { recordRefund, tellRefund } from './ask-refund.ts';
import type { RefundEntity } from './refund.entity.ts';
import { refundCodeOf } from './refund-split.ts';

/** Why a payment needs attention whose customer has to get the money by another way. */
const REFUND_FAILED_LATER = 'REFUND_FAILED_LATER';

/**
 * The bank sends back what had arrived: the money is at the provider again, those who had given it have it again, and it may go back by a new
 * refund. Which way is for a person. The caller holds the payment's lock, and has seen that the refund stands as SUCCEEDED.
 */
export async function returnRefund(
  payment: PaymentEntity,
  refund: RefundEntity,
  { provider, reason }: { readonly provider: ProviderName; readonly reason: string },
  act: Act,
): Promise<void> {
  refund.state = 'FAILED';
  refund.failureReason = bounded(reason);
  refund.returnedAt = act.now;
  postReturn(payment, refund, { provider, factKey: returnKey(provider, refund), parts: refund.split }, act);
  recordRefund(payment, refund, 'REFUND_RETURNED', { reason }, act);
  tellRefund('RefundReturned', payment, refund, refund.failureReason, act);
  await alarmOnce(payment, REFUND_FAILED_LATER, act);
}

/**
 * The wallet of a top-up that had gone back was closed before the bank sent it back: it waits in escrow, from where it can go back again.
 * @returns whether that is why the ledger refused
 */
export function keepReturned(
  payment: PaymentEntity,
  refund: RefundEntity,
  { command, provider, reason }: { readonly command: LedgerCommandEntity; readonly provider: ProviderName; readonly reason: string },
  act: Act,
): boolean {
  const factKey = returnKey(provider, refund);
  if (command.factKey !== factKey || reason !== 'ACCOUNT_CLOSED' || !payment.topUpWalletId) return false;
  const kept: SplitPart = { account: escrowOf(payment.currency), minor: refund.amountMinor.toString() };
  const left = (payment.split ?? []).map((part) => less(part, refund.split));
  payment.split = partsByAccount([...left, kept]);
  postReturn(payment, refund, { provider, factKey: `${factKey}:escrow`, parts: [kept] }, act);
  return true;
}

interface Return {
  readonly provider: ProviderName;
  readonly factKey: string;
  readonly parts: readonly SplitPart[];
}

function postReturn(payment: PaymentEntity, refund: RefundEntity, { provider, factKey, parts }: Return, act: Act): void {
  const legs = parts.map(({ account, minor }) => ({
    debit: clearingOf(provider, payment.currency),
    credit: account,
    amount: { currency: payment.currency, minor },
    code: `${refundCodeOf(refund)}_RETURNED`,
  }));
  sendCommand(act, {
    type: 'PostingRequested',
    refundId: refund.id,
    payload: { factKey, legs, pendingUntil: null, ...referenceOf(payment) },
  });
}

/** Keyed by the provider's fact, which is one for ever: a refund that has come back stays so. */
function returnKey(provider: ProviderName, { providerRefundId }: RefundEntity): string {
  return `${provider.toLowerCase()}:refund:${providerRefundId}:returned`;
}

function less({ account, minor }: SplitPart, taken: readonly SplitPart[]): SplitPart {
  const gone = taken.reduce((sofar, part) => (part.account === account ? sofar + BigInt(part.minor) : sofar), 0n);
  return { account, minor: (BigInt(minor) - gone).toString() };
}
