/** Whether an item may go now; `passedOver` tells how often it might not. Items are asked in the order in which they would be served. */
export type MayGo<Item> = (item: Item, passedOver: number) => boolean;

/** What one caller waits for, in order. */
interface Line<Item> {
  items: Item[];
  head: number;
  passedOver: number;
}

/**
 * A bounded queue that takes turns between callers: one item of each who waits, then the next round. Who sends a thousand at once waits for
 * them, not everybody behind.
 */
export class FairQueue<Item> {
  readonly #limit: number;
  readonly #waiting = new Map<string, Line<Item>>();
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether this many more would still fit. */
  hasRoomFor(count: number): boolean {
    return this.#size + count <= this.#limit;
  }

  push(caller: string, item: Item): void {
    const line = this.#waiting.get(caller);
    if (line) line.items.push(item);
    else this.#waiting.set(caller, { items: [item], head: 0, passedOver: 0 });
    this.#size += 1;
  }

  /**
   * The next items that may go, at most `limit`; those who were not served this time come first the next. A caller's items stay in order: while
   * the first of them may not go, neither may the others.
   */
  take(limit: number, mayGo: MayGo<Item> = () => true): Item[] {
    const taken: Item[] = [];
    let callers = [...this.#waiting];
    while (taken.length < limit && callers.length > 0) {
      const served: typeof callers = [];
      for (const [caller, line] of callers) {
        if (taken.length === limit) break;
        const item = line.items[line.head] as Item; // lines are never empty
        if (!mayGo(item, line.passedOver)) {
          line.passedOver += 1;
          continue;
        }
        taken.push(item);
        if (this.#serve(caller, line)) served.push([caller, line]);
      }
      callers = served;
    }
    return taken;
  }

  /** To the end of all lines; false where nothing is left of this one. */
  #serve(caller: string, line: Line<Item>): boolean {
    line.head += 1;
    line.passedOver = 0;
    this.#size -= 1;
    this.#waiting.delete(caller);
    if (line.head === line.items.length) return false;
    if (line.head >= COMPACT_FROM) {
      line.items = line.items.slice(line.head);
      line.head = 0;
    }
    this.#waiting.set(caller, line);
    return true;
  }
}

const COMPACT_FROM = 1_024;
