import type { Envelope, StreamName } from '@tessera/schema/contract';
import { countEvents, firstOf, type Pack, type StreamEntry } from './entry.ts';
import { backoffMs, createBell, pause } from './timing.ts';

/** Events that wait in memory; from the high mark on, the stream is not read further. */
export const HIGH_MARK = 1_000;
const IDLE_WAIT_MS = 5_000;
const ASK_EVERY = 4;

/** How often, and how soon, a place is read again that cannot be read. */
export interface RereadPace {
  readonly maxRereads: number;
  /** An entry without the mark is no loss yet: its writer has the right one, and an old relay is followed by one that knows the secret. */
  readonly waitsForMark: boolean;
  readonly baseMs: number;
  readonly capMs: number;
}

/** About half a minute in all for a place that is empty, in which the writer is asked for it now and then. */
const REREAD_PACE: RereadPace = { maxRereads: 12, waitsForMark: true, baseMs: 100, capMs: 5_000 };

export interface LaneWork {
  handles(type: string): boolean;
  /** Whether there is anything to do about an event that is handled. */
  concerns(event: Envelope): boolean;
  /** Deals with the event for good, position included. */
  deliver(event: Envelope): Promise<void>;
  /** Deals for good with consecutive events that are of no concern, position included. */
  pass(events: readonly Envelope[]): Promise<void>;
  /** Stores that all up to this position is done. */
  move(position: number): Promise<void>;
  /** Asks the writer of the stream for its entries from this position on. */
  ask(fromPosition: number): Promise<void>;
  /** Files the places as missing and stores that they are passed over. */
  fileGap(from: number, to: number, rereads: number, raw: string): Promise<void>;
}

/** The events of one stream, strictly one after the other. Other streams go on while one waits. */
export class Lane {
  readonly stream: StreamName;
  readonly #work: LaneWork;
  readonly #pace: RereadPace;
  readonly #bell = createBell();
  #position: number;
  #storedPosition: number;
  #cursor: number;
  #queue: StreamEntry[] = [];
  #rereads = 0;
  #isResting = false;
  #rewinding: { readonly to: number; readonly commit: () => Promise<void> } | undefined;

  constructor(stream: StreamName, startPosition: number, work: LaneWork, pace = REREAD_PACE) {
    this.stream = stream;
    this.#work = work;
    this.#pace = pace;
    this.#position = startPosition;
    this.#storedPosition = startPosition;
    this.#cursor = startPosition;
  }

  /** All up to here has been dealt with. */
  get position(): number {
    return this.#position;
  }

  /** Where the next read starts; null while there is enough to do, or while a reread waits. */
  cursor(): number | null {
    return this.#isResting || countEvents(this.#queue) >= HIGH_MARK ? null : this.#cursor;
  }

  /** Entries that were read behind `cursor`; of no use once the lane has turned back. */
  push(cursor: number, entries: readonly StreamEntry[]): void {
    const last = entries.at(-1);
    if (cursor !== this.#cursor || this.#isResting || !last) return;
    this.#queue.push(...entries);
    this.#cursor = last.position;
    this.#bell.ring();
  }

  /** Goes back after the entry in hand, once `commit` has stored that; what follows is read again. */
  rewind(to: number, commit: () => Promise<void>): void {
    this.#rewinding = { to, commit };
    this.#bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#bell.ring(), { once: true });
    while (!signal.aborted) {
      if (this.#rewinding) await this.#goBack(this.#rewinding);
      const entry = this.#queue.shift();
      if (entry) await this.#take(entry, signal);
      else {
        await this.#storeProgress();
        await this.#bell.wait(IDLE_WAIT_MS);
      }
    }
  }

  async #take(entry: StreamEntry, signal: AbortSignal): Promise<void> {
    if (entry.pack) return this.#takePack(entry, entry.pack, signal);
    if (!entry.event || entry.position !== this.#position + 1) return this.#reread(entry, signal);
    this.#rereads = 0;
    if (!this.#work.handles(entry.event.type)) {
      this.#position = entry.position;
      return;
    }
    if (this.#work.concerns(entry.event)) {
      await this.#work.deliver(entry.event);
      this.#position = entry.position;
    } else await this.#pass(entry.event);
    this.#storedPosition = this.#position;
  }

  /** A stream may be read on from within a pack: what comes before the position has been dealt with. */
  async #takePack(entry: StreamEntry, pack: Pack, signal: AbortSignal): Promise<void> {
    if (pack.first > this.#position + 1 || entry.position <= this.#position) return this.#reread(entry, signal);
    if (this.#work.handles(pack.type)) this.#queue.unshift(...pack.unpack().filter(({ position }) => position > this.#position));
    else {
      this.#rereads = 0;
      this.#position = entry.position;
    }
  }

  /** With all that have arrived behind it and are of no concern either. */
  async #pass(first: Envelope): Promise<void> {
    const events = [first];
    for (const { event, position } of this.#queue) {
      if (!event || position !== first.position + events.length) break;
      if (!this.#work.handles(event.type) || this.#work.concerns(event)) break;
      events.push(event);
    }
    await this.#work.pass(events);
    this.#queue.splice(0, events.length - 1);
    this.#position = first.position + events.length - 1;
  }

  /** Positions have no gaps and one writer, so this is Redis having lost or trimmed entries, or somebody else having written here. */
  async #reread(entry: StreamEntry, signal: AbortSignal): Promise<void> {
    this.#rereads += 1;
    const isWaitedFor = this.#pace.waitsForMark && !entry.isMarked && entry.position > this.#position;
    if (this.#rereads > this.#pace.maxRereads && !isWaitedFor) return this.#passOver(entry);
    this.#isResting = true;
    this.#turnBack(this.#position);
    if (this.#rereads % ASK_EVERY === 1) await this.#work.ask(this.#position + 1);
    await pause(backoffMs(this.#rereads, this.#pace.baseMs, this.#pace.capMs), signal);
    this.#isResting = false;
  }

  async #passOver(entry: StreamEntry): Promise<void> {
    const first = firstOf(entry);
    const isGap = (entry.event !== null || entry.pack !== null) && first > this.#position + 1;
    const to = isGap ? first - 1 : entry.position;
    if (to > this.#position) {
      await this.#work.fileGap(this.#position + 1, to, this.#rereads, isGap ? '' : entry.raw);
      this.#position = to;
      this.#storedPosition = to;
    }
    this.#rereads = 0;
    if (isGap) this.#queue.unshift(entry);
  }

  async #goBack({ to, commit }: { readonly to: number; readonly commit: () => Promise<void> }): Promise<void> {
    this.#rewinding = undefined;
    await commit();
    if (to >= this.#position) return;
    this.#turnBack(to);
    this.#storedPosition = to;
  }

  #turnBack(to: number): void {
    this.#position = to;
    this.#cursor = to;
    this.#queue = [];
  }

  async #storeProgress(): Promise<void> {
    if (this.#storedPosition >= this.#position) return;
    await this.#work.move(this.#position);
    this.#storedPosition = this.#position;
  }
}
