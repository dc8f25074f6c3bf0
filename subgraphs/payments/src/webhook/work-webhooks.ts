import { LockMode } from '@mikro-orm/core';
import { isConnectionError, sqlState } from '@tessera/service-kit/persistence';
import { callId, type PlannedCall, planCall } from '../call/plan-call.ts';
import { lockPayment } from '../payment/lock-payment.ts';
import { alarmOnce } from '../payment/record.ts';
import { UNKNOWN_REFUND } from '../refund/adopt-refund.ts';
import type { Act } from '../services.ts';
import { type Finding, findCall, UNKNOWN } from './find-call.ts';
import { WebhookEntity } from './webhook.entity.ts';
import { nextLook, type WebhookState } from './webhook.ts';

export const WEBHOOK_BATCH = 20;

/**
 * Turns events that are due into questions to the provider: an event is only a hint that something happened, so what is true is read
 * again. That makes duplicates and every order harmless. Many events about the same thing are one question.
 * @returns what was worked on
 */
export async function workWebhooks(act: Act): Promise<readonly WebhookEntity[]> {
  const due = await act.em.find(
    WebhookEntity,
    { dueAt: { $lte: act.now } },
    { orderBy: { dueAt: 'asc' }, limit: WEBHOOK_BATCH, lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE },
  );
  const calls = new Map<string, { readonly call: PlannedCall; readonly traceparent: string | null }>();
  const foreign = new Map<string, WebhookEntity>();
  for (const webhook of due) {
    const finding = await understand(webhook, act);
    if (finding.kind === 'CALL') calls.set(callId(finding.call), { call: finding.call, traceparent: webhook.payload.traceparent });
    settleWebhook(webhook, finding, act);
    const refundedId = foreignRefundOf(webhook, finding);
    if (refundedId !== null) foreign.set(refundedId, webhook);
  }
  // In one order everywhere, payments before calls: two workers that lock the same must not wait for each other in a circle.
  for (const [paymentId, webhook] of inOrder(foreign)) await tellForeignRefund(paymentId, webhook, act);
  for (const [, { call, traceparent }] of inOrder(calls)) await planCall({ ...act, traceparent }, call);
  return due;
}

function inOrder<T>(entries: ReadonlyMap<string, T>): (readonly [string, T])[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** One that this version cannot understand, because a newer one kept it, must not stop the others: it waits like what is not known. */
async function understand({ provider, eventId, payload }: WebhookEntity, act: Act): Promise<Finding> {
  try {
    return await findCall(provider, payload.subject, act);
  } catch (error) {
    if (isConnectionError(error) || sqlState(error) !== undefined) throw error;
    act.log.error({ err: error, provider, eventId }, 'an event cannot be understood');
    return UNKNOWN;
  }
}

function settleWebhook(webhook: WebhookEntity, finding: Finding, act: Act): void {
  const dueAt = finding.kind === 'UNKNOWN' ? nextLook(webhook.receivedAt, act.now) : null;
  webhook.state = stateOf(finding, dueAt);
  webhook.tries += 1;
  webhook.dueAt = dueAt;
  webhook.settledAt = dueAt ? null : act.now;
  if (foreignRefundOf(webhook, finding) !== null) webhook.note = UNKNOWN_REFUND;
  else if (webhook.state === 'DEAD') webhook.note = 'UNKNOWN_OBJECT';
  if (webhook.state !== 'DEAD') return;
  const { provider, eventId, type, objectId } = webhook;
  act.log.error({ provider, eventId, type, objectId }, 'an event is about something that is not known here');
}

function stateOf({ kind }: Finding, dueAt: Date | null): WebhookState {
  if (kind === 'UNKNOWN') return dueAt ? 'PARKED' : 'DEAD';
  return kind === 'NOTHING' ? 'IGNORED' : 'DONE';
}

/** The payment of which a refund is told that names one of ours, and has not become known in all that time. */
function foreignRefundOf({ state }: WebhookEntity, finding: Finding): string | null {
  return finding.kind === 'UNKNOWN' && state === 'DEAD' ? finding.paymentId : null;
}

/** Our books do not have it, so a person has to bring them together. */
async function tellForeignRefund(paymentId: string, { provider, objectId, payload }: WebhookEntity, act: Act): Promise<void> {
  act.log.error({ provider, paymentId, objectId }, 'a refund is told of that is not known here');
  const subject = await lockPayment(act, { id: paymentId });
  if (subject) await alarmOnce(subject.payment, UNKNOWN_REFUND, { ...act, traceparent: payload.traceparent });
}
