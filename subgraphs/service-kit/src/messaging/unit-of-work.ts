import type { EventPayload, EventType } from '@tessera/schema/contract';
import type { EntityManager } from '../persistence/index.ts';
import { transaction } from '../persistence/index.ts';
import { writeOutbox } from './outbox.ts';

/** A fact to publish, or a command to send. `id` is given only for commands: derived from saga and step, so that a second send is dropped. */
export interface NewEvent<T extends EventType = EventType> {
  readonly type: T;
  readonly aggregateId: string;
  readonly payload: EventPayload<T>;
  readonly id?: string;
}

/** Who and what caused the events of one transaction. */
export interface EventOrigin {
  /** Principal such as `user:usr_…` or `service:payments`. */
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly traceparent: string | null;
  readonly now: Date;
}

/** What a committed transaction published: enough for a client to wait until others have seen it. */
export interface CommittedEvent {
  readonly id: string;
  readonly type: EventType;
}

/** One transaction and what it will tell the others: state change and outbox rows commit together or not at all. */
export interface UnitOfWork {
  readonly em: EntityManager;
  readonly now: Date;
  publish<T extends EventType>(event: NewEvent<T>): void;
}

/**
 * Runs `work` in a transaction, flushes the entity manager, writes the published events to the outbox and commits. After a deadlock the
 * whole runs again, so `work` must have no effect outside the database.
 */
export async function unitOfWork<T>(
  em: EntityManager,
  origin: EventOrigin,
  work: (unit: UnitOfWork) => Promise<T>,
): Promise<{ readonly result: T; readonly committed: readonly CommittedEvent[] }> {
  return transaction(em, async (inner) => {
    const events: NewEvent[] = [];
    const result = await work({ em: inner, now: origin.now, publish: (event) => void events.push(event as NewEvent) });
    await inner.flush();
    const committed = await writeOutbox(inner, events, origin);
    return { result, committed };
  });
}
