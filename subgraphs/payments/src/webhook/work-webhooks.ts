import { LockMode } from '@mikro-orm/core';
import { isConnectionError, sqlState } from '@tessera/service-kit/persistence';
import { callId, type PlannedCall, planCall } from '../call/plan-call.ts';
import type { Act } from '../services.ts';
import { type Finding, findCall } from './find-call.ts';
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
  for (const webhook of due) {
    const finding = await understand(webhook, act);
    if (finding.kind === 'CALL') calls.set(callId(finding.call), { call: finding.call, traceparent: webhook.payload.traceparent });
    settleWebhook(webhook, finding, act);
  }
  // In one order everywhere: two workers that plan the same calls must not wait for each other in a circle.
  const inOrder = [...calls].sort(([left], [right]) => (left < right ? -1 : 1));
  for (const [, { call, traceparent }] of inOrder) await planCall({ ...act, traceparent }, call);
  return due;
}

/** One that this version cannot understand, because a newer one kept it, must not stop the others: it waits like what is not known. */
async function understand({ provider, eventId, payload }: WebhookEntity, act: Act): Promise<Finding> {
  try {
    return await findCall(provider, payload.subject, act);
  } catch (error) {
    if (isConnectionError(error) || sqlState(error) !== undefined) throw error;
    act.log.error({ err: error, provider, eventId }, 'an event cannot be understood');
    return { kind: 'UNKNOWN' };
  }
}

function settleWebhook(webhook: WebhookEntity, finding: Finding, act: Act): void {
  const dueAt = finding.kind === 'UNKNOWN' ? nextLook(webhook.receivedAt, act.now) : null;
  webhook.state = stateOf(finding, dueAt);
  webhook.tries += 1;
  webhook.dueAt = dueAt;
  webhook.settledAt = dueAt ? null : act.now;
  if (webhook.state !== 'DEAD') return;
  webhook.note = 'UNKNOWN_OBJECT';
  const { provider, eventId, type, objectId } = webhook;
  act.log.error({ provider, eventId, type, objectId }, 'an event is about something that is not known here');
}

function stateOf({ kind }: Finding, dueAt: Date | null): WebhookState {
  if (kind === 'UNKNOWN') return dueAt ? 'PARKED' : 'DEAD';
  return kind === 'CALL' ? 'DONE' : 'IGNORED';
}
