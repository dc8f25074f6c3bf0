import { type Account, nowSeconds, unschedule } from '../../account/account.ts';
import { refused } from '../../api/errors.ts';
import { emit } from '../../webhooks/events.ts';
import type { PaymentIntent, PaymentIntentStatus } from '../money-types.ts';
import { expectRecord, patch, previousAttributes } from '../records.ts';

const CANCELABLE: readonly PaymentIntentStatus[] = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
  'processing',
];

/** Ends an intent that is not paid; what a bank had set aside is free again. @throws ApiError 400 payment_intent_unexpected_state */
export function cancelPaymentIntent(account: Account, intent: PaymentIntent, reason: string | null): PaymentIntent {
  if (!CANCELABLE.includes(intent.status)) {
    throw refused(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${CANCELABLE.join(', ')}.`,
      { code: 'payment_intent_unexpected_state', payment_intent: intent },
    );
  }
  unschedule(account, 'EXPIRE_AUTHORIZATION', intent.id);
  if (intent.status === 'requires_capture' && intent.latest_charge !== null) {
    const charge = expectRecord(account, 'charge', intent.latest_charge);
    const released = patch(account, 'charge', charge, { refunded: true, amount_refunded: charge.amount });
    emit(account, 'charge.refunded', released, previousAttributes(charge, released));
  }
  const canceled = patch(account, 'payment_intent', intent, {
    status: 'canceled',
    canceled_at: nowSeconds(account),
    cancellation_reason: reason,
    amount_capturable: 0,
    next_action: null,
  });
  emit(account, 'payment_intent.canceled', canceled);
  return canceled;
}
