import { PaymentEntity } from '../payment/payment.entity.ts';
import type { Act } from '../services.ts';

/** Why a payment needs attention when its provider was asked as often as is sensible. A late answer still counts, and ends this. */
export const PROVIDER_SILENT = 'PROVIDER_SILENT';

/** The provider has answered after all: nobody has to look any more. */
export async function endSilence(paymentId: string, { em }: Act): Promise<void> {
  const payment = await em.findOne(PaymentEntity, paymentId);
  if (payment?.attentionReason !== PROVIDER_SILENT) return;
  payment.needsAttention = false;
  payment.attentionReason = null;
}
