import { Aside } from './aside.ts';
import type { FairQueue } from './fair-queue.ts';
import type { Held, Stuck } from './stuck.ts';
import type { Queued } from './submission.ts';

/** After so many batches ended and it was passed over, an item keeps its accounts free for itself. */
const PATIENCE = 2;
/** Of those who wait, so many batches of items are looked at, and no fewer than `MIN_ASKED`: what is behind them waits for a lane to end. */
const ASKED_BATCHES = 2;
const MIN_ASKED = 1_000;

/** Takes what waits to whoever is free. */
export interface Worker {
  /**
   * Never rejects; answers whom somebody keeps from being settled.
   * @param before what was stuck when the items were held, where they were
   */
  settle(items: readonly Queued[], before: Stuck | null): Promise<Held>;
  /** Tells them that they could not be settled. */
  giveUp(items: readonly Queued[]): void;
}

export interface DispatchOptions {
  /** Legs that one transaction takes at most, unless one request has more. */
  readonly batchSize: number;
  /** How much will be queued once others are answered. */
  readonly held: () => number;
}

/**
 * Gives what waits to the lanes that are free, so that no two of them touch the same accounts: whoever waits for a row in the database finds
 * it changed and reads it again, and holds a lane for nothing. Other processes are not seen here: between processes the locks decide.
 */
export function createDispatch(queue: FairQueue<Queued>, all: readonly Worker[], { batchSize, held }: DispatchOptions) {
  const free = [...all];
  const underWay = new Set<ReadonlySet<string>>();
  const maxAsked = Math.max(MIN_ASKED, batchSize * ASKED_BATCHES);
  let ended = 0;
  let isSoon = false;
  let onIdle: () => void = () => undefined;
  const isIdle = (): boolean => queue.size === 0 && held() === 0 && aside.size === 0 && free.length === all.length;
  const dispatch = (): void => {
    for (let lane = free.at(-1); lane; lane = free.at(-1)) {
      const held = aside.take();
      const items = held ? held.items : take();
      if (items.length === 0) return;
      free.pop();
      run(lane, items, held);
    }
  };
  const aside = new Aside(dispatch);
  const take = (): readonly Queued[] => {
    for (;;) {
      const items = queue.size === 0 ? [] : queue.take(batchSize, { mayGo: apartFrom(underWay), maxAsked, round: ended });
      const going = aside.sift(items);
      if (going.length > 0 || items.length === 0) return going;
    }
  };
  const run = (lane: Worker, items: readonly Queued[], before: Held | null): void => {
    const names = new Set(items.flatMap((item) => item.names));
    underWay.add(names);
    void lane.settle(items, before?.stuck ?? null).then((held) => {
      if (before || held.items.length > 0) lane.giveUp(aside.put(held, before));
      underWay.delete(names);
      ended += 1;
      free.push(lane);
      dispatch();
      if (isIdle()) onIdle();
    });
  };
  return {
    /** How much waits for an account that is stuck, in legs. */
    aside: () => aside.size,
    /** At the end of the turn of the event loop: what arrives together is taken together. */
    soon: (item: Queued): void => {
      if (isSoon || free.length === 0 || isTouched(item, underWay)) return;
      isSoon = true;
      setImmediate(() => {
        isSoon = false;
        dispatch();
      });
    },
    /** For one who waits. */
    idle: async (): Promise<void> => {
      if (isIdle()) return;
      await new Promise<void>((resolve) => {
        onIdle = resolve;
      });
    },
  };
}

/** Who has waited long enough reserves its accounts against those behind, so that what runs now is the last that it waits for. */
function apartFrom(underWay: ReadonlySet<ReadonlySet<string>>) {
  const reserved = new Set<string>();
  const busy = underWay.size === 0 ? [] : [...underWay, reserved];
  return (item: Queued, passedOver: number): boolean => {
    if (!isTouched(item, busy)) return true;
    if (passedOver >= PATIENCE) for (const name of item.names) reserved.add(name);
    return false;
  };
}

function isTouched({ names }: Queued, busy: Iterable<ReadonlySet<string>>): boolean {
  for (const accounts of busy) for (const name of names) if (accounts.has(name)) return true;
  return false;
}
