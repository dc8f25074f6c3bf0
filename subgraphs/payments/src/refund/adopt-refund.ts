import { newId } from '@tessera/service-kit/ids';
import { clearingOf, referenceOf } from '../ledger/accounts.ts';
import { sendCommand } from '../ledger/send-command.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import { alarmOnce, record } from '../payment/record.ts';
import type { RefundReport } from '../provider/provider-adapter.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { Act } from '../services.ts';
import { addRefund, succeedRefund } from './ask-refund.ts';
import { RefundEntity } from './refund.entity.ts';
import { refundableMinor } from './refund.ts';
import { splitOfReturn } from './refund-split.ts';

/** Why a payment needs attention of which money went back that our books cannot take. */
export const UNKNOWN_REFUND = 'UNKNOWN_REFUND';

/**
 * Money that somebody gave back at the provider itself becomes a refund of ours, booked as it happened, so that it is given back once. What the
 * payment cannot bear any more is for a person. The caller holds the payment's lock; told again, it has no effect.
 */
export async function adoptRefund(payment: PaymentEntity, report: RefundReport, provider: ProviderName, act: Act): Promise<void> {
  const { providerRefundId, amount } = report;
  if ((await act.em.count(RefundEntity, { providerRefundId })) > 0) return;
  const isBearable = payment.state === 'CAPTURED' && amount.currency === payment.currency && amount.minor <= refundableMinor(payment);
  if (!isBearable) return alarmOnce(payment, UNKNOWN_REFUND, act);

  const wish = { id: newId('refund'), amountMinor: amount.minor, destination: 'ORIGINAL', reason: 'Refunded at the provider' } as const;
  const refund = addRefund(payment, wish, act);
  refund.requestedBy = `provider:${provider.toLowerCase()}`;
  refund.providerRefundId = providerRefundId;
  refund.askedAt = act.now;
  refund.split = await splitOfReturn(payment, amount.minor, refund.id, act);
  const credit = clearingOf(provider, payment.currency);
  const legs = refund.split.map(({ account, minor }) => ({
    ...{ debit: account, credit, amount: { currency: payment.currency, minor } },
    code: 'REFUND',
  }));
  const factKey = `${provider.toLowerCase()}:refund:${providerRefundId}:succeeded`;
  sendCommand(act, { type: 'PostingRequested', payload: { factKey, legs, pendingUntil: null, ...referenceOf(payment) } });
  record(payment, { kind: 'REFUND_ASKED', amountMinor: amount.minor, refundId: refund.id, reason: refund.reason }, act);
  succeedRefund(payment, refund, act);
}
