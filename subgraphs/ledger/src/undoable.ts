import type { NewEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { isConnectionError, rawSql } from '@tessera/service-kit/persistence';

type Attempt<T> = { readonly isDone: true; readonly result: T } | { readonly isDone: false; readonly error: unknown };

/** Work that is undone where it fails, while the transaction around it goes on. Without a connection there is nothing to go on with. */
export async function undoable<T>({ em, now, publish }: UnitOfWork, work: (unit: UnitOfWork) => Promise<T>): Promise<Attempt<T>> {
  const events: NewEvent[] = [];
  await rawSql(em, 'savepoint undoable');
  try {
    const result = await work({ em, now, publish: (event) => void events.push(event as NewEvent) }); // as the kit keeps them
    await em.flush();
    await rawSql(em, 'release savepoint undoable');
    for (const event of events) publish(event);
    return { isDone: true, result };
  } catch (error) {
    if (isConnectionError(error)) throw error;
    em.clear();
    await rawSql(em, 'rollback to savepoint undoable');
    return { isDone: false, error };
  }
}
