import { type Account, nowSeconds, schedule, unschedule } from '../account/account.ts';
import { invalidParameter, refused } from '../api/errors.ts';
import { listPage, listParameters } from '../api/lists.ts';
import { choice, ignored, integer, mergeMetadata, metadata, text } from '../api/parameters.ts';
import { endpoint } from '../api/routes.ts';
import { format } from '../money/currencies.ts';
import { emit } from '../webhooks/events.ts';
import { moveBalance } from './balance.ts';
import type { Charge, Refund } from './money-types.ts';
import { behaviourOf } from './payment-methods.ts';
import { expectRecord, patch, previousAttributes } from './records.ts';
import type { Metadata } from './types.ts';

const PATH = '/v1/refunds';
/** How long a test card that decides later takes. */
const LATER_MS = 30_000;

const ALWAYS = {
  customer: null,
  customer_account: null,
  receipt_number: null,
  source_transfer_reversal: null,
  transfer_reversal: null,
} as const;
const DESTINATION = {
  type: 'card',
  card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
} as const;

interface NewRefund {
  readonly amount: number | undefined;
  readonly reason: string | null;
  readonly metadata: Metadata;
}

/** Gives money back, all that is left when no amount is named. The fee of the payment is not returned. @throws ApiError 400 */
export function createRefund(account: Account, charge: Charge, { amount: wanted, reason, metadata: data }: NewRefund): Refund {
  const amount = refundable(account, charge, wanted);
  const { refund: behaviour } = behaviourOf(account, expectRecord(account, 'payment_method', charge.payment_method));
  const id = account.ids.next('re');
  const transaction = moveBalance(account, {
    amount: -amount,
    currency: charge.currency,
    fee: 0,
    type: 'refund',
    category: 'refund',
    source: id,
    description: `REFUND FOR CHARGE${charge.description === null ? '' : ` (${charge.description})`}`,
  });
  const refund = account.store.put('refund', {
    ...ALWAYS,
    ...{ destination_details: DESTINATION },
    id,
    object: 'refund',
    amount,
    balance_transaction: transaction.id,
    charge: charge.id,
    created: nowSeconds(account),
    currency: charge.currency,
    metadata: data,
    payment_intent: charge.payment_intent,
    reason,
    status: behaviour === 'SUCCEEDS_LATER' ? 'pending' : 'succeeded',
  });
  if (behaviour !== 'SUCCEEDS') schedule(account, 'RESOLVE_REFUND', id, LATER_MS);
  const amountRefunded = charge.amount_refunded + amount;
  const refunded = patch(account, 'charge', charge, {
    amount_refunded: amountRefunded,
    refunded: amountRefunded === charge.amount_captured,
  });
  emit(account, 'refund.created', refund);
  emit(account, 'charge.refunded', refunded, previousAttributes(charge, refunded));
  return refund;
}

/** The bank sent the money back, or the refund was called off: it is on the balance again. @throws ApiError 400 when it has come back before */
export function failRefund(account: Account, refund: Refund, status: 'failed' | 'canceled' = 'failed'): Refund {
  if (refund.status !== 'pending' && !(refund.status === 'succeeded' && status === 'failed')) {
    throw refused(`A refund with the status ${refund.status} cannot become ${status}.`);
  }
  unschedule(account, 'RESOLVE_REFUND', refund.id);
  const transaction = moveBalance(account, {
    amount: refund.amount,
    currency: refund.currency,
    fee: 0,
    type: 'refund_failure',
    category: 'refund_failure',
    source: refund.id,
    description: 'REFUND FAILURE',
  });
  const failed = patch(account, 'refund', refund, {
    status,
    failure_balance_transaction: transaction.id,
    ...(status === 'failed' && { failure_reason: 'expired_or_canceled_card' }),
  });
  const charge = expectRecord(account, 'charge', refund.charge);
  const restored = patch(account, 'charge', charge, { amount_refunded: charge.amount_refunded - refund.amount, refunded: false });
  emitChange(account, refund, failed);
  if (status === 'failed') emit(account, 'refund.failed', failed);
  emit(account, 'charge.updated', restored, previousAttributes(charge, restored));
  return failed;
}

/** A pending refund arrived. @throws ApiError 400 when it is not pending */
export function succeedRefund(account: Account, refund: Refund): Refund {
  if (refund.status !== 'pending') throw refused(`A refund with the status ${refund.status} cannot become succeeded.`);
  unschedule(account, 'RESOLVE_REFUND', refund.id);
  const succeeded = patch(account, 'refund', refund, { status: 'succeeded' });
  emitChange(account, refund, succeeded);
  return succeeded;
}

function emitChange(account: Account, before: Refund, after: Refund): void {
  const previous = previousAttributes(before, after);
  emit(account, 'refund.updated', after, previous);
  emit(account, 'charge.refund.updated', after, previous);
}

function refundable(account: Account, charge: Charge, wanted: number | undefined): number {
  if (charge.status !== 'succeeded' || !charge.captured) {
    throw refused(`This PaymentIntent (${charge.payment_intent}) does not have a successful charge to refund.`, {
      code: 'payment_intent_unexpected_state',
    });
  }
  const isChargedBack = account.store.list('dispute').some((dispute) => dispute.charge === charge.id && dispute.status !== 'won');
  if (isChargedBack) throw refused(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' });
  const left = charge.amount_captured - charge.amount_refunded;
  if (left === 0) throw refused(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  const amount = wanted ?? left;
  if (amount > left) {
    const limit = left === charge.amount_captured ? 'charge amount' : 'unrefunded amount on charge';
    throw refused(`Refund amount (${format(amount, charge.currency)}) is greater than ${limit} (${format(left, charge.currency)})`, {
      param: 'amount',
    });
  }
  return amount;
}

const createParameters = {
  amount: integer(),
  charge: text(),
  payment_intent: text(),
  reason: choice(['duplicate', 'fraudulent', 'requested_by_customer']),
  metadata: metadata(),
  currency: ignored(),
  instructions_email: ignored(),
  refund_application_fee: ignored(),
  reverse_transfer: ignored(),
};

export const refundEndpoints = [
  endpoint('POST', PATH, createParameters, (account, parameters) => {
    const { amount, reason = null } = parameters;
    if (amount !== undefined && amount < 1) throw invalidParameter('Invalid positive integer', 'amount', 'parameter_invalid_integer');
    const change = mergeMetadata({}, parameters.metadata);
    return createRefund(account, chargeToRefund(account, parameters), { amount, reason, metadata: change });
  }),
  endpoint('GET', PATH, { ...listParameters, charge: text(), payment_intent: text() }, (account, parameters) =>
    listPage(
      account,
      'refund',
      PATH,
      parameters,
      ({ charge, payment_intent }) =>
        [undefined, charge].includes(parameters.charge) && [undefined, payment_intent].includes(parameters.payment_intent),
    ),
  ),
  endpoint('GET', `${PATH}/:id`, {}, (account, _, id) => expectRecord(account, 'refund', id)),
  endpoint('POST', `${PATH}/:id`, { metadata: metadata() }, (account, parameters, id) => {
    const refund = expectRecord(account, 'refund', id);
    const updated = patch(account, 'refund', refund, { metadata: mergeMetadata(refund.metadata, parameters.metadata) });
    emitChange(account, refund, updated);
    return updated;
  }),
  endpoint('POST', `${PATH}/:id/cancel`, {}, (account, _, id) => failRefund(account, expectRecord(account, 'refund', id), 'canceled')),
];

interface Target {
  readonly charge: string | undefined;
  readonly payment_intent: string | undefined;
}

function chargeToRefund(account: Account, { charge, payment_intent: intentId }: Target): Charge {
  if (charge !== undefined) {
    const found = expectRecord(account, 'charge', charge, 'charge');
    if (intentId !== undefined && found.payment_intent !== intentId) throw refused(`Charge ${charge} does not belong to ${intentId}.`);
    return found;
  }
  if (intentId === undefined) {
    throw invalidParameter(
      'One of the following params should be provided for this request: payment_intent or charge.',
      undefined,
      'parameter_missing',
    );
  }
  const intent = expectRecord(account, 'payment_intent', intentId, 'payment_intent');
  if (intent.status !== 'succeeded' || intent.latest_charge === null) {
    throw refused(`This PaymentIntent (${intentId}) does not have a successful charge to refund.`, {
      code: 'payment_intent_unexpected_state',
      payment_intent: intent,
    });
  }
  return expectRecord(account, 'charge', intent.latest_charge);
}
