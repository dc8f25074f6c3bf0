import type { Loader } from '@tessera/service-kit/graphql';
import { PaymentEntity } from '../payment/payment.entity.ts';
import type { PaymentsServices } from '../services.ts';
import { DisputeEntity } from './dispute.entity.ts';
import { Dispute } from './dispute.type.ts';

/** A charge is disputed once in general; this is only a bound. */
const MAX_PER_PAYMENT = 20;

/** Asked only below a payment that the viewer may see. */
export const disputesOfPayment: Loader<Dispute[], PaymentsServices> = {
  name: 'disputesOfPayment',
  batch: async (paymentIds, { em }) => {
    const disputes = await em.find(
      DisputeEntity,
      { paymentId: { $in: [...paymentIds] } },
      { orderBy: { openedAt: 'asc', id: 'asc' }, limit: MAX_PER_PAYMENT * paymentIds.length },
    );
    if (disputes.length === 0) return new Map();
    const payments = await em.find(PaymentEntity, { id: { $in: disputes.map(({ paymentId }) => paymentId) } });
    const currencies = new Map(payments.map(({ id, currency }) => [id, currency]));
    const byPayment = Map.groupBy(disputes, ({ paymentId }) => paymentId);
    return new Map([...byPayment].map(([id, own]) => [id, own.map((dispute) => new Dispute(dispute, currencies.get(id) ?? ''))]));
  },
};
