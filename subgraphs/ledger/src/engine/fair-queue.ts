/** Whether an item may go now; `passedOver` tells in how many rounds it might not. Items are asked in the order in which they would be served. */
export type MayGo<Item> = (item: Item, passedOver: number) => boolean;

/** What one caller waits for, in order. */
interface Line<Item> {
  items: Item[];
  head: number;
  passedOver: number;
  /** The last round that counts in `passedOver`. */
  passedIn: number;
  /** When its turn comes; see `FairQueue`. */
  turnAt: number;
}

interface Taking<Item> {
  readonly taken: Item[];
  room: number;
  asked: number;
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
 * them, not everybody behind; and so does who sends one that is as heavy as a thousand. Time is counted in turns, in each of which everybody
 * who waits is given one unit of weight: a heavy item has its turn after as many of them, or sooner when nobody else has theirs.
 */
export class FairQueue<Item> {
  readonly #limit: number;
  readonly #weightOf: (item: Item) => number;
  readonly #waiting = new Map<string, Line<Item>>();
  #size = 0;
  #turns = 0;

  /** @param weightOf from 1 on */
  constructor(limit: number, weightOf: (item: Item) => number) {
    this.#limit = limit;
    this.#weightOf = weightOf;
  }

  /** By weight. */
  get size(): number {
    return this.#size;
  }

  /** Whether so much more would still fit. */
  hasRoomFor(weight: number): boolean {
    return this.#size + weight <= this.#limit;
  }

  push(caller: string, item: Item): void {
    const line = this.#waiting.get(caller);
    const weight = this.#weightOf(item);
    if (line) line.items.push(item);
    else this.#waiting.set(caller, { items: [item], head: 0, passedOver: 0, passedIn: NEVER, turnAt: this.#turns + weight - 1 });
    this.#size += weight;
  }

  /**
   * The next items that may go, of the weight `limit` at most, or one that is heavier; those who were not served this time come first the next.
   * A caller's items stay in order: while the first of them may not go, neither may the others.
   */
  take(limit: number, options: TakeOptions<Item> = ALL): Item[] {
    const taking = { taken: [], room: limit, asked: 0 };
    const isHeavyLeft = this.#fill(taking, options, false);
    if (isHeavyLeft) this.#fill(taking, options, true);
    return taking.taken;
  }

  /** Answers whether there is room for some whose turn it is not. */
  #fill(taking: Taking<Item>, { mayGo, maxAsked, round }: TakeOptions<Item>, isEveryTurn: boolean): boolean {
    let isHeavyLeft = false;
    // Who is served goes to the end and is met there again: the next round begins when all have been asked.
    for (const [caller, line] of this.#waiting) {
      if (taking.room <= 0 || taking.asked === maxAsked) return false;
      taking.asked += 1;
      if (line.turnAt > this.#turns && !isEveryTurn) {
        isHeavyLeft = true;
        continue;
      }
      const item = line.items[line.head] as Item; // lines are never empty
      const weight = this.#weightOf(item);
      if (weight > taking.room && taking.taken.length > 0) return false;
      if (mayGo(item, line.passedOver)) {
        taking.taken.push(item);
        taking.room -= weight;
        this.#serve(caller, line, weight);
      } else if (line.passedIn !== round) {
        line.passedOver += 1;
        line.passedIn = round;
      }
    }
    return isHeavyLeft;
  }

  /** To the end of all lines, or away where nothing is left of this one. */
  #serve(caller: string, line: Line<Item>, weight: number): void {
    line.head += 1;
    line.passedOver = 0;
    line.passedIn = NEVER;
    this.#size -= weight;
    this.#turns += weight / this.#waiting.size;
    this.#waiting.delete(caller);
    const next = line.items[line.head];
    if (next === undefined) return;
    line.turnAt = Math.max(line.turnAt, this.#turns) + this.#weightOf(next) - 1;
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
