import type { Loader } from '@tessera/service-kit/graphql';
import { hasScope, type Viewer } from '@tessera/service-kit/identity';
import { AttemptEntity } from '../attempt/attempt.entity.ts';
import { PaymentAttempt } from '../attempt/attempt.type.ts';
import { RefundEntity } from '../refund/refund.entity.ts';
import { Refund } from '../refund/refund.type.ts';
import type { PaymentsServices } from '../services.ts';
import { PaymentEntity } from './payment.entity.ts';
import { Payment } from './payment.type.ts';

/** Orders have one payment in general; this is only a bound. */
const MAX_PER_ORDER = 20;

/** Payments that the viewer may see; somebody else's is not there. */
export const visiblePayment: Loader<Payment, PaymentsServices> = {
  name: 'visiblePayment',
  batch: async (ids, { em, viewer }) => {
    const visibility = visibleTo(viewer);
    if (!visibility) return new Map();
    const payments = await em.find(PaymentEntity, { ...visibility, id: { $in: [...ids] } });
    return new Map(payments.map((payment) => [payment.id, new Payment(payment)]));
  },
};

/** The payments of an order, oldest first; nothing where the viewer may see none. */
export const paymentsOfOrder: Loader<Payment[], PaymentsServices> = {
  name: 'paymentsOfOrder',
  batch: async (orderIds, { em, viewer }) => {
    const visibility = visibleTo(viewer);
    if (!visibility) return new Map();
    const where = { ...visibility, orderId: { $in: [...orderIds] } };
    const payments = await em.find(PaymentEntity, where, {
      orderBy: { createdAt: 'asc', id: 'asc' },
      limit: MAX_PER_ORDER * orderIds.length,
    });
    return Map.groupBy(
      payments.map((payment) => new Payment(payment)),
      ({ orderId }) => orderId ?? '',
    );
  },
};

/** Asked only below a payment that the viewer may see. */
export const attemptsOfPayment: Loader<PaymentAttempt[], PaymentsServices> = {
  name: 'attemptsOfPayment',
  batch: async (paymentIds, { em }) => {
    const attempts = await em.find(AttemptEntity, { paymentId: { $in: [...paymentIds] } }, { orderBy: { number: 'asc' } });
    return mapValues(
      Map.groupBy(attempts, ({ paymentId }) => paymentId),
      (attempt) => new PaymentAttempt(attempt),
    );
  },
};

/** The current attempt as it is stored, for the provider to tell what the client has to do. */
export const currentAttempt: Loader<{ readonly payment: PaymentEntity; readonly attempt: AttemptEntity }, PaymentsServices> = {
  name: 'currentAttempt',
  batch: async (paymentIds, { em }) => {
    const payments = await em.find(PaymentEntity, { id: { $in: [...paymentIds] } });
    const attempts = await em.find(AttemptEntity, { id: { $in: payments.map(({ currentAttemptId }) => currentAttemptId) } });
    const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]));
    return new Map(
      payments.flatMap((payment) => {
        const attempt = byId.get(payment.currentAttemptId);
        return attempt ? [[payment.id, { payment, attempt }] as const] : [];
      }),
    );
  },
};

/** Asked only below a payment that the viewer may see. */
export const refundsOfPayment: Loader<Refund[], PaymentsServices> = {
  name: 'refundsOfPayment',
  batch: async (paymentIds, { em }) => {
    const refunds = await em.find(RefundEntity, { paymentId: { $in: [...paymentIds] } }, { orderBy: { createdAt: 'asc', id: 'asc' } });
    const payments = await em.find(PaymentEntity, { id: { $in: [...paymentIds] } });
    const currencies = new Map(payments.map(({ id, currency }) => [id, currency]));
    return mapValues(
      Map.groupBy(refunds, ({ paymentId }) => paymentId),
      (refund) => new Refund(refund, currencies.get(refund.paymentId) ?? ''),
    );
  },
};

/** Refunds of payments that the viewer may see; whoever may refund sees the refund too. */
export const visibleRefund: Loader<Refund, PaymentsServices> = {
  name: 'visibleRefund',
  batch: async (ids, { em, viewer }) => {
    const visibility = hasScope(viewer, 'payments:refund') ? {} : visibleTo(viewer);
    if (!visibility) return new Map();
    const refunds = await em.find(RefundEntity, { id: { $in: [...ids] } });
    const payments = await em.find(PaymentEntity, { ...visibility, id: { $in: refunds.map(({ paymentId }) => paymentId) } });
    const currencies = new Map(payments.map(({ id, currency }) => [id, currency]));
    return new Map(
      refunds.flatMap((refund) => {
        const currency = currencies.get(refund.paymentId);
        return currency ? [[refund.id, new Refund(refund, currency)] as const] : [];
      }),
    );
  },
};

/** Whose payments a viewer sees, as a filter; null: nobody's. */
function visibleTo(viewer: Viewer): { readonly customerId?: string } | null {
  if (hasScope(viewer, 'payments:read')) return {};
  return viewer.userId ? { customerId: viewer.userId } : null;
}

function mapValues<From, To>(map: ReadonlyMap<string, readonly From[]>, change: (value: From) => To): Map<string, To[]> {
  return new Map([...map].map(([key, values]) => [key, values.map(change)]));
}
