import type { EventSubject } from '../provider-adapter.ts';
import { isObject, type JsonObject, textOf } from './json.ts';

type Read = (object: JsonObject) => EventSubject;

const NONE: EventSubject = { kind: 'NONE' };

/** By what an event's type begins with; the first that fits counts. */
const SUBJECTS: readonly (readonly [prefix: string, read: Read])[] = [
  ['checkout.session.', ofSession],
  ['payment_intent.', ofIntent],
  ['charge.dispute.', ofDispute],
  ['charge.refund.', ofRefund],
  ['charge.', ofCharge],
  ['refund.', ofRefund],
  ['setup_intent.', ofSetupIntent],
];

/** What is to be read again because of an event; only ids are taken from it. */
export function subjectOf(type: string, object: JsonObject): EventSubject {
  const [, read] = SUBJECTS.find(([prefix]) => type.startsWith(prefix)) ?? [];
  return read ? read(object) : NONE;
}

function ofSession(session: JsonObject): EventSubject {
  const sessionId = textOf(session.id);
  const reference = textOf(session.client_reference_id);
  if (session.mode === 'setup') return { kind: 'METHOD', methodId: metadataOf(session, 'method_id') ?? reference, sessionId };
  if (session.mode !== 'payment') return NONE;
  const attemptId = metadataOf(session, 'attempt_id') ?? reference;
  return { kind: 'ATTEMPT', attemptId, sessionId, intentId: idOf(session.payment_intent) };
}

function ofIntent(intent: JsonObject): EventSubject {
  return { kind: 'ATTEMPT', attemptId: metadataOf(intent, 'attempt_id'), sessionId: null, intentId: textOf(intent.id) };
}

/** A charge has the metadata that its intent had when it was made. */
function ofCharge(charge: JsonObject): EventSubject {
  return { kind: 'ATTEMPT', attemptId: metadataOf(charge, 'attempt_id'), sessionId: null, intentId: idOf(charge.payment_intent) };
}

function ofRefund(refund: JsonObject): EventSubject {
  const providerRefundId = textOf(refund.id);
  if (providerRefundId === null) return NONE;
  return { kind: 'REFUND', refundId: metadataOf(refund, 'refund_id'), providerRefundId, intentId: idOf(refund.payment_intent) };
}

function ofDispute(dispute: JsonObject): EventSubject {
  const providerDisputeId = textOf(dispute.id);
  if (providerDisputeId === null) return NONE;
  return { kind: 'DISPUTE', providerDisputeId, intentId: idOf(dispute.payment_intent), chargeId: idOf(dispute.charge) };
}

function ofSetupIntent(intent: JsonObject): EventSubject {
  return { kind: 'METHOD', methodId: metadataOf(intent, 'method_id'), sessionId: null };
}

function metadataOf({ metadata }: JsonObject, key: string): string | null {
  return isObject(metadata) ? textOf(metadata[key]) : null;
}

/** A reference, or the object itself where it was expanded. */
function idOf(reference: unknown): string | null {
  return isObject(reference) ? textOf(reference.id) : textOf(reference);
}
