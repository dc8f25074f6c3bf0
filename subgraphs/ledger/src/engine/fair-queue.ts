/**
 * A bounded queue that takes turns between callers: one item of each who waits, then the next round. Who sends a thousand at once waits for
 * them, not everybody behind.
 */
export class FairQueue<Item> {
  readonly #limit: number;
  readonly #waiting = new Map<string, { items: Item[]; head: number }>();
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
    else this.#waiting.set(caller, { items: [item], head: 0 });
    this.#size += 1;
  }

  /** The next items, at most `limit`; those who were not served this time come first the next. */
  take(limit: number): Item[] {
    const taken: Item[] = [];
    while (taken.length < limit && this.#size > 0) {
      for (const [caller, line] of [...this.#waiting]) {
        if (taken.length === limit) break;
        taken.push(line.items[line.head] as Item); // lines are never empty
        line.head += 1;
        this.#size -= 1;
        this.#waiting.delete(caller);
        if (line.head < line.items.length) this.#waiting.set(caller, compacted(line));
      }
    }
    return taken;
  }
}

const COMPACT_FROM = 1_024;

function compacted<Item>(line: { items: Item[]; head: number }): { items: Item[]; head: number } {
  if (line.head < COMPACT_FROM) return line;
  return { items: line.items.slice(line.head), head: 0 };
}
