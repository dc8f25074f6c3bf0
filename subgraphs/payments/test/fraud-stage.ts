import { randomUUID } from 'node:crypto';
import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import { unitOfWork } from '@tessera/service-kit/messaging';
import { assessAttempt } from '../src/fraud/assess-attempt.ts';
import type { Assessment, FraudPhase } from '../src/fraud/fraud.ts';
import { DEFAULT_FRAUD_THRESHOLDS } from '../src/fraud/fraud-config.ts';
import { openReview } from '../src/fraud/open-review.ts';
import { lockPayment } from '../src/payment/lock-payment.ts';
import { type Act, actOfWorker } from '../src/services.ts';
import type { PaymentsBed } from './payments-bed.ts';

const REVIEW_WINDOW_MS = 3_600_000;
const MINUTE_MS = 60_000;

export interface StoredPayment {
  readonly customerId: string;
  readonly minor: bigint;
  readonly tender: 'CARD' | 'WALLET';
  /** Else it failed. */
  readonly isCaptured: boolean;
  readonly addressKey: string | null;
  readonly shippingKey: string | null;
  readonly shippingCountry: string | null;
  readonly fingerprint: string | null;
  readonly cardCountry: string | null;
  readonly methodId: string | null;
  readonly minutesAgo: number;
}

export interface PaymentIds {
  readonly paymentId: string;
  readonly attemptId: string;
  readonly orderId: string;
  readonly customerId: string;
}

export const FINDINGS: Pick<Assessment, 'score' | 'reasons'> = {
  score: 70,
  reasons: [{ rule: 'COUNTRY_MISMATCH', weight: 70, detail: 'The card is from NG, the delivery goes to DE.' }],
};

/** What the fraud rules look at, written to the store as the provider's answers would have left it. */
export function fraudStage(bed: PaymentsBed) {
  /** Does something as a worker would, by the default thresholds. */
  const within = async <T>(work: (act: Act) => Promise<T>): Promise<T> => {
    const { services, platform } = bed.subgraph;
    const settings = { ...services.settings, fraud: DEFAULT_FRAUD_THRESHOLDS, reviewWindowMs: REVIEW_WINDOW_MS };
    const origin = { actor: 'service:payments', correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
    return (await unitOfWork(platform.orm.em, origin, (unit) => work(actOfWorker(unit, { ...services, settings })))).result;
  };
  const lock = async (act: Act, { paymentId }: PaymentIds) => ensure(await lockPayment(act, { id: paymentId }), 'the payment');

  const aPayment = async (change: Partial<StoredPayment> = {}): Promise<PaymentIds> => {
    const ids = {
      paymentId: newId('payment'),
      attemptId: newId('attempt'),
      orderId: newId('order'),
      customerId: change.customerId ?? newId('user'),
    };
    await bed.sql(INSERT, rowOf(ids, change));
    return ids;
  };

  return {
    within,
    aPayment,
    /** That many attempts that failed. */
    several: async (count: number, change: Partial<StoredPayment>): Promise<void> => {
      for (let each = 0; each < count; each += 1) await aPayment({ isCaptured: false, ...change });
    },
    aCustomer: async (hoursAgo: number): Promise<string> => {
      const customerId = newId('user');
      await bed.sql('insert into customers (id, registered_at) values ($1, now() - make_interval(hours => $2))', [customerId, hoursAgo]);
      return customerId;
    },
    aSavedCard: async (customerId: string, fingerprint: string, country: string): Promise<string> => {
      const methodId = newId('paymentMethod');
      await bed.sql(
        `insert into payment_methods (id, user_id, provider, state, provider_method_id, last4, fingerprint, country, created_at, updated_at)
         values ($1, $2, 'STRIPE', 'ACTIVE', 'pm_1', '4242', $3, $4, now(), now())`,
        [methodId, customerId, fingerprint, country],
      );
      return methodId;
    },
    assessed: (payment: PaymentIds, phase: FraudPhase = 'AFTER'): Promise<Assessment> =>
      within(async (act) => assessAttempt(await lock(act, payment), phase, act)),
    /** Captured money that waits for a decision. */
    aReview: async (change: Partial<StoredPayment> = {}): Promise<PaymentIds & { readonly reviewId: string }> => {
      const payment = await aPayment(change);
      const reviewId = await within(async (act) => (await openReview(await lock(act, payment), FINDINGS, act)).id);
      return { ...payment, reviewId };
    },
  };
}

const INSERT = `
  with attempt as (
    insert into payment_attempts (id, payment_id, number, tender, provider, state, failure_reason, payment_method_id, card_fingerprint,
      card_country, created_at, updated_at)
    values ($2, $1, 1, $5::text, case when $5::text = 'CARD' then 'STRIPE' end, case when $6 then 'SUCCEEDED' else 'FAILED' end,
      case when $6 then null else 'CARD_DECLINED' end, $10, $11, $12, $13::timestamptz, $13::timestamptz))
  insert into payments (id, order_id, customer_id, tender, state, wish, failure_reason, currency, amount_minor, captured_minor,
    refunding_minor, refunded_minor, disputed_minor, shares, split, deadline, current_attempt_id, event_count, needs_attention,
    address_key, shipping_key, shipping_country, created_at, updated_at)
  values ($1, $3, $4, $5::text, case when $6 then 'CAPTURED' else 'FAILED' end, 'NONE', case when $6 then null else 'CARD_DECLINED' end,
    'USD', $7::bigint, case when $6 then $7::bigint else 0 end, 0, 0, 0, '[]', '[]', now() + interval '1 hour', $2, 1, false,
    $8, $9, $14, $13::timestamptz, $13::timestamptz)`;

function rowOf({ paymentId, attemptId, orderId, customerId }: PaymentIds, change: Partial<StoredPayment>): readonly unknown[] {
  const { minor = 5_000n, tender = 'CARD', isCaptured = true, minutesAgo = 0, addressKey = null, shippingKey = null } = change;
  const { shippingCountry = null, fingerprint = null, cardCountry = null, methodId = null } = change;
  const createdAt = new Date(Date.now() - minutesAgo * MINUTE_MS).toISOString();
  const risk = [addressKey, shippingKey, methodId, fingerprint, cardCountry];
  return [paymentId, attemptId, orderId, customerId, tender, isCaptured, minor.toString(), ...risk, createdAt, shippingCountry];
}
