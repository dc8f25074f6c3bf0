import { type Held, namesStuck } from './stuck.ts';
import type { Queued } from './submission.ts';

/** How often is looked whether what is stuck has come free. */
const POLL_MS = 100;
/** So long after it was asked, a request that somebody keeps from being decided is told so: before the gateway's own patience of five seconds ends. */
const PATIENCE_MS = 4_000;

/**
 * Where those wait who name an account that somebody outside keeps locked, and those who name it after them: with others in one transaction
 * they would hold up all of them, and with them the accounts that they have locked already.
 */
export class Aside {
  readonly #onDue: () => void;
  readonly #waiting = new Set<Queued>();
  readonly #stuck = new Map<string, string>();
  #size = 0;
  #timer: NodeJS.Timeout | null = null;
  #isDue = false;
  #isTried = false;

  /** @param onDue told when it is time to look again */
  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** By weight. */
  get size(): number {
    return this.#size;
  }

  /** Who of them may go; the others wait here from now on. */
  sift(items: readonly Queued[]): readonly Queued[] {
    if (this.#stuck.size === 0) return items;
    const held = items.filter((item) => namesStuck(item, this.#stuck));
    this.#add(held);
    return held.length === 0 ? items : items.filter((item) => !this.#waiting.has(item));
  }

  /** All who wait, once each time that it is due, to be tried again. */
  take(): Held | null {
    if (!this.#isDue || this.#isTried || this.#waiting.size === 0) return null;
    this.#isTried = true;
    return { items: [...this.#waiting], stuck: new Map(this.#stuck) };
  }

  /**
   * Takes in what could not be settled.
   * @param tried what was taken from here, where it was that
   * @returns those who have waited too long; they no longer wait here
   */
  put({ items, stuck }: Held, tried: Held | null): readonly Queued[] {
    if (tried) {
      this.#isTried = false;
      this.#isDue = false;
    }
    for (const name of tried?.stuck.keys() ?? []) this.#stuck.delete(name);
    for (const [name, holder] of stuck) this.#stuck.set(name, holder);
    const isHeld = new Set(items);
    for (const item of tried?.items ?? []) if (!isHeld.has(item)) this.#remove(item);
    this.#add(items);
    const late = items.filter(({ askedAtMs }) => performance.now() - askedAtMs > PATIENCE_MS);
    for (const item of late) this.#remove(item);
    return late;
  }

  #remove(item: Queued): void {
    if (this.#waiting.delete(item)) this.#size -= item.weight;
  }

  #add(items: readonly Queued[]): void {
    for (const item of items) {
      if (this.#waiting.has(item)) continue;
      this.#waiting.add(item);
      this.#size += item.weight;
    }
    if (this.#waiting.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#isDue = true;
      this.#onDue();
    }, POLL_MS);
  }
}
