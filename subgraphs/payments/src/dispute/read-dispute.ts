import { ensure } from '@tessera/service-kit/errors';
import { rawSql } from '@tessera/service-kit/persistence';
import { type AfterCall, type CallHandler, DONE } from '../call/call-handler.ts';
import type { ProviderCallEntity } from '../call/provider-call.entity.ts';
import { type LockedPayment, lockPayment } from '../payment/lock-payment.ts';
import { alarmOnce } from '../payment/record.ts';
import type { DisputeReport } from '../provider/provider-adapter.ts';
import type { Act } from '../services.ts';
import { nextLook } from '../webhook/webhook.ts';
import { applyDispute } from './apply-dispute.ts';

/** Why a payment needs attention whose dispute could not be read, or came without a capture. */
const UNREADABLE = 'DISPUTE_UNREADABLE';
const WITHOUT_CAPTURE = 'DISPUTE_WITHOUT_CAPTURE';

/** Reads how a dispute stands: after a webhook. It may overtake the capture that it is about, and then waits for it, a bounded time. */
export const readDispute: CallHandler = {
  perform: async (call, { adapter }) => {
    const report = await adapter.readDispute(ensure(call.subjectId, 'the dispute of a call'));
    return (act) => apply(call, report, act);
  },
  refused: (call, reason, act) => complain(call, reason, act),
  givenUp: (call, act) => complain(call, 'PROVIDER_SILENT', act),
};

/** An inquiry moves no money: should it become a dispute, another webhook tells. */
async function apply(call: ProviderCallEntity, report: DisputeReport, act: Act): Promise<AfterCall> {
  const { state } = report;
  if (state === 'INQUIRY') return DONE;
  const found = await findDisputed(call, report, act);
  if (found?.subject.payment.state === 'CAPTURED') {
    await applyDispute(found.subject, { provider: call.provider, report: { ...report, state }, attemptId: found.attemptId }, act);
    return DONE;
  }
  const at = nextLook(call.createdAt, act.now);
  if (at) return { kind: 'AGAIN', at };
  act.log.error(
    { provider: call.provider, disputeId: report.providerDisputeId, chargeId: report.chargeId },
    'a dispute belongs to no capture',
  );
  if (found) await alarmOnce(found.subject.payment, WITHOUT_CAPTURE, act);
  return DONE;
}

interface Disputed {
  readonly subject: LockedPayment;
  readonly attemptId: string;
}

async function findDisputed({ provider }: ProviderCallEntity, { intentId, chargeId }: DisputeReport, act: Act): Promise<Disputed | null> {
  const [attempt] = await rawSql<{ id: string; payment_id: string }>(
    act.em,
    `select id, payment_id from payment_attempts where provider = $1 and (charge_id = $2::text or intent_id = $3::text)
     order by (charge_id = $2::text) desc nulls last limit 1`,
    [provider, chargeId, intentId],
  );
  const subject = attempt ? await lockPayment(act, { id: attempt.payment_id }) : null;
  return attempt && subject ? { subject, attemptId: attempt.id } : null;
}

async function complain({ provider, subjectId, paymentId }: ProviderCallEntity, reason: string, act: Act): Promise<void> {
  act.log.error({ provider, disputeId: subjectId, paymentId, reason }, 'a dispute cannot be read');
  const subject = paymentId ? await lockPayment(act, { id: paymentId }) : null;
  if (subject) await alarmOnce(subject.payment, UNREADABLE, act);
}
