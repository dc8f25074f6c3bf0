import { InvariantViolation } from '@tessera/service-kit/errors';
import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { fromWire } from '@tessera/service-kit/money';
import { rawSql } from '@tessera/service-kit/persistence';
import { addAttempt, startAttempt } from '../attempt/start-attempt.ts';
import type { Act } from '../services.ts';
import { newPayment } from './new-payment.ts';
import { PaymentEntity } from './payment.entity.ts';
import { record } from './record.ts';
import { settle } from './settle.ts';
import type { Share } from './split.ts';

type Requested = ReceivedEvent<'PaymentRequested'>['payload'];

/** Orders wants to be paid: payment and first attempt come to be. Orders mints the id, so a second command finds the first's payment. */
export async function onPaymentRequested({ payload }: ReceivedEvent<'PaymentRequested'>, act: Act): Promise<void> {
  if (await act.em.count(PaymentEntity, { id: payload.paymentId })) return;

  const { tender, walletId, paymentMethodId, clientMode, description, risk } = payload;
  const order = { orderId: payload.orderId, topUpWalletId: null, shares: sharesOf(payload), description };
  const { currency, minor: amountMinor } = fromWire(payload.amount);
  const payment = newPayment(
    { id: payload.paymentId, ...order, customerId: payload.customerId, currency, amountMinor, risk, deadline: new Date(payload.deadline) },
    act,
  );
  const attempt = addAttempt(payment, { number: 1, tender, walletId, paymentMethodId, clientMode }, act);
  record(payment, { kind: 'REQUESTED', attemptId: attempt.id }, act);

  const subject = { payment, attempt };
  const earlyVoid = await takeEarlyVoid(payment.id, act);
  if (earlyVoid !== null) return settle(subject, { kind: 'VOID_WANTED', reason: earlyVoid }, act);
  if (payment.deadline <= act.now) return settle(subject, { kind: 'REFUSED', reason: 'DEADLINE_PASSED' }, act);
  return startAttempt(subject, act);
}

/** Not a cent may get lost between the order's total and what vendors are due: orders' arithmetic is checked before money is asked for. */
function sharesOf({ shares, amount }: Requested): Share[] {
  const total = shares.reduce((sofar, share) => sofar + BigInt(share.amount.minor), 0n);
  const isSound = shares.every((share) => share.amount.currency === amount.currency && BigInt(share.amount.minor) >= 0n);
  if (!isSound || total !== BigInt(amount.minor))
    throw new InvariantViolation(`The shares of a payment are not its amount: ${total} of ${amount.minor}`);
  return shares.map(({ vendorId, amount: { minor } }) => ({ vendorId, minor }));
}

async function takeEarlyVoid(paymentId: string, { em }: Act): Promise<string | null> {
  const [row] = await rawSql<{ reason: string }>(em, 'delete from early_voids where payment_id = $1 returning reason', [paymentId]);
  return row?.reason ?? null;
}
