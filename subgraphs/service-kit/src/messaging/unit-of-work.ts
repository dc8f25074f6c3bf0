import type { EventType } from '@tessera/schema/contract';
import type { EntityManager } from '../persistence/index.ts';
import { transaction } from '../persistence/index.ts';
import type { CommittedEvent, EventOrigin, NewEvent } from './event.ts';
import { writeOutbox } from './outbox.ts';

export type { CommittedEvent, EventOrigin, NewEvent };

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
