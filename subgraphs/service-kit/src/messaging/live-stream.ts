import type { Envelope, StreamName } from '@tessera/schema/contract';
import { firstOf, type StreamEntry } from './entry.ts';
import { Lane, type RereadPace } from './lane.ts';
import type { MessagingLog } from './names.ts';
import type { Reader } from './stream-reader.ts';

/** A live stream waits some seconds for a place that the relay may mend, then goes on: late news is worth less than the next. */
const REREAD_PACE: RereadPace = { maxRereads: 5, waitsForMark: false, baseMs: 100, capMs: 2_000 };
/** How old an event may be and still count as news on a stream that was empty: clocks differ, and commits take their time. */
const NEWS_TOLERANCE_MS = 60_000;

type Emit = (event: Envelope) => void;

export interface LiveWork {
  /** Whether anybody listens to this type at the moment. */
  readonly wants: (type: string) => boolean;
  /** Never throws, like the others. */
  readonly emit: Emit;
  /** Events up to here will not be emitted. */
  readonly lose: (upTo: number) => void;
  /** Asks the writer for its events from this position on. */
  readonly ask: (fromPosition: number) => Promise<void>;
}

/** One stream of the tail: a lane that begins at "now" and whose work is to emit. */
export class LiveStream implements Reader {
  readonly stream: StreamName;
  readonly #work: LiveWork;
  readonly #log: MessagingLog;
  readonly #signal: AbortSignal;
  readonly #newsSinceMs = Date.now() - NEWS_TOLERANCE_MS;
  #lane: Lane | undefined;

  constructor(stream: StreamName, work: LiveWork, log: MessagingLog, signal: AbortSignal) {
    this.stream = stream;
    this.#work = work;
    this.#log = log;
    this.#signal = signal;
  }

  get position(): number {
    return this.#lane?.position ?? 0;
  }

  /** An empty stream is new, or Redis has just lost it and old events will come back: then it begins wherever its first entry is. */
  begin(top: number): void {
    if (top > 0) this.#lane = this.#open(top, this.#work.emit);
  }

  cursor(): number | null {
    return this.#lane ? this.#lane.cursor() : 0;
  }

  push(cursor: number, entries: readonly StreamEntry[]): void {
    const [first] = entries;
    if (this.#lane) this.#lane.push(cursor, entries);
    else if (first) this.#beginAt(firstOf(first) - 1, entries);
  }

  #beginAt(position: number, entries: readonly StreamEntry[]): void {
    this.#lane = this.#open(position, (event) => {
      if (Date.parse(event.occurredAt) >= this.#newsSinceMs) this.#work.emit(event);
    });
    this.#lane.push(position, entries);
  }

  #open(position: number, emit: Emit): Lane {
    const work = {
      handles: this.#work.wants,
      concerns: () => true,
      pass: async () => undefined,
      deliver: async (event: Envelope) => emit(event),
      move: async () => undefined,
      ask: this.#work.ask,
      fileGap: async (from: number, to: number) => {
        this.#log.warn({ stream: this.stream, from, to }, 'The live stream goes on behind a gap');
        this.#work.lose(to);
      },
    };
    const lane = new Lane(this.stream, position, work, REREAD_PACE);
    void lane.run(this.#signal); // never rejects: none of its work does
    return lane;
  }
}
