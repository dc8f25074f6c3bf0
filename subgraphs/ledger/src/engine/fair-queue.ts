/** Whether an item may go now; `passedOver` tells in how many rounds it might not. Items are asked in the order in which they would be served. */
export type MayGo<Item> = (item: Item, passedOver: number) => boolean;

/** What one caller waits for, in order. */
interface Line<Item> {
  items: Item[];
  head: number;
  passedOver: number;
  /** The last round that counts in `passedOver`. */
  passedIn: number;
}

export interface TakeOptions<Item> {
  readonly mayGo: MayGo<Item>;
  /** How many are asked at most, so that a long queue of those who may not go is not searched each time. */
  readonly maxAsked: number;
  /** As long as it stays the same, whoever may not go is passed over once, however often that is asked. */
  readonly round: number;
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
    else this.#waiting.set(caller, { items: [item], head: 0, passedOver: 0, passedIn: NEVER });
    this.#size += 1;
  }

  /**
   * The next items that may go, at most `limit`; those who were not served this time come first the next. A caller's items stay in order: while
   * the first of them may not go, neither may the others.
   */
  take(limit: number, { mayGo, maxAsked, round }: TakeOptions<Item> = ALL): Item[] {
    const taken: Item[] = [];
    let asked = 0;
    // Who is served goes to the end and is met there again: the next round begins when all have been asked.
    for (const [caller, line] of this.#waiting) {
      if (taken.length === limit || asked === maxAsked) break;
      asked += 1;
      const item = line.items[line.head] as Item; // lines are never empty
      if (mayGo(item, line.passedOver)) {
        taken.push(item);
        this.#serve(caller, line);
      } else if (line.passedIn !== round) {
        line.passedOver += 1;
        line.passedIn = round;
      }
    }
    return taken;
  }

  /** To the end of all lines, or away where nothing is left of this one. */
  #serve(caller: string, line: Line<Item>): void {
    line.head += 1;
    line.passedOver = 0;
    line.passedIn = NEVER;
    this.#size -= 1;
    this.#waiting.delete(caller);
    if (line.head === line.items.length) return;
    if (line.head >= COMPACT_FROM) {
      line.items = line.items.slice(line.head);
      line.head = 0;
    }
    this.#waiting.set(caller, line);
  }
}

const COMPACT_FROM = 1_024;
const NEVER = -1;
const ALL: TakeOptions<unknown> = { mayGo: () => true, maxAsked: Number.POSITIVE_INFINITY, round: 0 };
