import { unreachable } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import type { LockedPayment } from '../payment/lock-payment.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import type { Tender } from '../payment/payment.ts';
import { record } from '../payment/record.ts';
import { settle } from '../payment/settle.ts';
import type { ClientAction } from '../provider/provider-name.ts';
import { providerOf } from '../provider/providers.ts';
import type { Act } from '../services.ts';
import { AttemptEntity } from './attempt.entity.ts';

export interface NewAttempt {
  readonly number: number;
  readonly tender: Tender;
  readonly walletId?: string | null;
  readonly paymentMethodId?: string | null;
  readonly clientMode?: ClientAction['kind'];
}

/** A further attempt of the payment, not started yet; it becomes the current one, and its tender that of the payment. */
export function addAttempt(
  payment: PaymentEntity,
  { number, tender, walletId = null, paymentMethodId = null, clientMode = 'HOSTED_PAGE' }: NewAttempt,
  { em, now }: Act,
): AttemptEntity {
  const attempt = em.create(AttemptEntity, {
    id: newId('attempt'),
    paymentId: payment.id,
    number,
    tender,
    walletId,
    provider: null,
    clientMode,
    paymentMethodId,
    ...NOTHING_KNOWN,
    holdId: null,
    state: 'INIT',
    failureReason: null,
    waitsUntil: null,
    createdAt: now,
    updatedAt: now,
  });
  em.persist(attempt);
  payment.currentAttemptId = attempt.id;
  payment.tender = tender;
  return attempt;
}

/** What only the provider can tell. */
const NOTHING_KNOWN = {
  sessionId: null,
  intentId: null,
  chargeId: null,
  clientUrl: null,
  clientSecret: null,
  lastDecline: null,
  cardBrand: null,
  cardLast4: null,
  cardFingerprint: null,
  cardCountry: null,
  feeMinor: null,
  feeCurrency: null,
} as const;

/** Asks the tender for the money. An attempt that has to wait is started again by `start-waiting-attempts`, until its time is up. */
export async function startAttempt(subject: LockedPayment, act: Act): Promise<void> {
  const { payment, attempt } = subject;
  const answer = await providerOf(payment.tender).authorise(subject, act);
  attempt.updatedAt = act.now;
  switch (answer.kind) {
    case 'ASKED':
      attempt.state = 'PENDING';
      attempt.waitsUntil = null;
      return record(payment, { kind: 'ASKED', attemptId: attempt.id }, act);
    case 'GRANTED':
      return settle(subject, { kind: 'AUTHORISED' }, act);
    case 'REFUSED':
      return settle(subject, { kind: 'REFUSED', reason: answer.reason }, act);
    case 'WAITING':
      attempt.waitsUntil ??= new Date(act.now.getTime() + act.settings.walletWaitMs);
      if (attempt.waitsUntil <= act.now) await settle(subject, { kind: 'REFUSED', reason: answer.reason }, act);
      return;
    default:
      return unreachable(answer);
  }
}
