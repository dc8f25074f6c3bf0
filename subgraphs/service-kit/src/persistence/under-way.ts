import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';

/** The transactions of one mapper, whose entity managers share its driver. */
interface UnderWay {
  readonly running: Set<Promise<unknown>>;
  isClosing: boolean;
}

const byDriver = new WeakMap<object, UnderWay>();

function underWayOf(em: EntityManager): UnderWay {
  const known = byDriver.get(em.getDriver()) ?? { running: new Set(), isClosing: false };
  byDriver.set(em.getDriver(), known);
  return known;
}

/** Runs `work`, for which `closeWhenDone` waits. @throws Error once the mapper is being closed */
export async function underWay<T>(em: EntityManager, work: () => Promise<T>): Promise<T> {
  const { running, isClosing } = underWayOf(em);
  if (isClosing) throw new Error('The database is being closed: no transaction begins any more.');
  const run = work();
  running.add(run);
  try {
    return await run;
  } finally {
    running.delete(run);
  }
}

/** A pool that is closed below a transaction would wait for its connection for ever, so those that are under way end first. */
export function closeWhenDone(orm: MikroORM): void {
  const close = orm.close.bind(orm);
  orm.close = async (force) => {
    const state = underWayOf(orm.em);
    state.isClosing = true;
    await Promise.allSettled(state.running);
    await close(force);
  };
}
