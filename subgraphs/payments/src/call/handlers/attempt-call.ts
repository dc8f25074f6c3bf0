import { ensure } from '@tessera/service-kit/errors';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { AttemptEntity } from '../../attempt/attempt.entity.ts';
import { applyReport } from '../../payment/apply-report.ts';
import { type LockedPayment, lockPayment } from '../../payment/lock-payment.ts';
import { PaymentEntity } from '../../payment/payment.entity.ts';
import { alarm } from '../../payment/record.ts';
import { settle } from '../../payment/settle.ts';
import type { AttemptReport } from '../../provider/provider-adapter.ts';
import type { Act } from '../../services.ts';
import type { CallHandler } from '../call-handler.ts';
import { planCall } from '../plan-call.ts';
import type { ProviderCallEntity } from '../provider-call.entity.ts';
import { PROVIDER_SILENT } from '../silence.ts';

/** What calls about attempts have in common. */

export interface AttemptSubject {
  readonly payment: PaymentEntity;
  readonly attempt: AttemptEntity;
}

/** As it is now, without a lock: for asking only. */
export async function readSubject(call: ProviderCallEntity, em: EntityManager): Promise<AttemptSubject> {
  const attempt = await em.findOneOrFail(AttemptEntity, ensure(call.attemptId, 'the attempt of a call'));
  return { attempt, payment: await em.findOneOrFail(PaymentEntity, attempt.paymentId) };
}

/** The payment locked, and the attempt that the call is about: it need not be the current one any more. */
export async function lockSubject(
  call: ProviderCallEntity,
  act: Act,
): Promise<{ readonly subject: LockedPayment; readonly attempt: AttemptEntity }> {
  const subject = ensure(await lockPayment(act, { id: ensure(call.paymentId, 'the payment of a call') }), 'the payment of a call');
  const attempt = await act.em.findOneOrFail(AttemptEntity, ensure(call.attemptId, 'the attempt of a call'));
  return { subject, attempt };
}

/** Writes what the provider reported, and lets an open attempt be looked up should no webhook come. */
export async function applyAndFollow(call: ProviderCallEntity, report: AttemptReport, act: Act): Promise<boolean> {
  const { subject, attempt } = await lockSubject(call, act);
  const isFinal = await applyReport(subject, attempt, report, act);
  if (!isFinal && call.kind !== 'READ_ATTEMPT') {
    const { id, paymentId, provider } = attempt;
    const dueAt = new Date(act.now.getTime() + act.settings.providerPollMs);
    await planCall(act, {
      provider: ensure(provider, 'the provider of an attempt'),
      kind: 'READ_ATTEMPT',
      paymentId,
      attemptId: id,
      dueAt,
    });
  }
  return isFinal;
}

/** The provider will never do it: the attempt is over, unless it was not even the current one. */
export const attemptRefused: CallHandler['refused'] = async (call, reason, act) => {
  const { subject, attempt } = await lockSubject(call, act);
  if (attempt.id === subject.attempt.id) await settle(subject, { kind: 'REFUSED', reason }, act);
};

export const attemptGivenUp: CallHandler['givenUp'] = async (call, act) => {
  const { subject, attempt } = await lockSubject(call, act);
  if (attempt.state === 'PENDING' || attempt.state === 'REQUIRES_ACTION') {
    attempt.state = 'UNKNOWN';
    attempt.updatedAt = act.now;
  }
  alarm(subject.payment, PROVIDER_SILENT, act);
};
