import { type EventPayload, eventPayloads } from '@tessera/schema/contract';
import { ensure } from '@tessera/service-kit/errors';
import { derivedKey } from '@tessera/service-kit/ids';
import type { NewEvent } from '@tessera/service-kit/messaging';
import type { Act } from '../services.ts';
import { LedgerCommandEntity, type LedgerCommandType } from './ledger-command.entity.ts';

interface NewCommand<T extends LedgerCommandType> {
  readonly type: T;
  readonly payload: EventPayload<T>;
  readonly attemptId?: string;
  readonly refundId?: string;
}

/** Asks the ledger, and remembers to ask again while it does not answer. */
export function sendCommand<T extends LedgerCommandType>(act: Act, { type, payload, attemptId, refundId }: NewCommand<T>): void {
  const command = act.em.create(LedgerCommandEntity, {
    factKey: payload.factKey,
    type,
    paymentId: ensure(payload.paymentId, 'the payment of a command'),
    attemptId: attemptId ?? null,
    refundId: refundId ?? null,
    payload: { ...payload },
    sends: 0,
    createdAt: act.now,
    sentAt: act.now,
    dueAt: null,
    answeredAt: null,
    answer: null,
  });
  act.em.persist(command);
  publishCommand(command, act);
}

/**
 * Sends for the first or the next time. Each sending has an id of its own, so that the outbox lets it through; the fact key is the same, so
 * that the ledger does it once.
 */
export function publishCommand(command: LedgerCommandEntity, { now, publish, settings }: Act): void {
  command.sends += 1;
  command.sentAt = now;
  command.dueAt = new Date(now.getTime() + settings.answerTimeoutMs * 2 ** (command.sends - 1));
  publish({
    type: command.type,
    aggregateId: command.paymentId,
    id: `evt_${derivedKey(command.factKey, `sending ${command.sends}`)}`,
    payload: eventPayloads[command.type].parse(command.payload),
  } as NewEvent); // one `type` chose both the schema and the event, which the compiler cannot see
}

export function markAnswered(command: LedgerCommandEntity, answer: string, now: Date): void {
  if (command.answeredAt) return;
  command.answeredAt = now;
  command.answer = answer;
  command.dueAt = null;
}
