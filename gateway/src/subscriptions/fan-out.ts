import type { Envelope, StreamName } from '@tessera/schema/contract';

const MAX_BUFFERED = 1_000;

/** The part of the kit's stream tail that subscriptions need. */
export interface EventSource {
  onEvent(listener: (event: Envelope) => void): () => void;
  readRange(stream: StreamName, afterPosition: number, limit: number): Promise<Envelope[]>;
  oldestPosition(stream: StreamName): Promise<number | null>;
  emittedPosition(stream: StreamName): number;
}

/** Live events of one routing key, buffered for one subscriber. */
export interface Tap {
  /** Everything behind this position comes through the tap, unless it overflows. */
  readonly fromPosition: number;
  /** The next event; `overflow` once the buffer was full and is drained: later ones are in the log; `closed` after `close`. */
  next(): Promise<Envelope | 'overflow' | 'closed'>;
  close(): void;
}

export interface FanOut {
  tap(stream: StreamName, routingKey: string): Tap;
  readonly tapCount: number;
  close(): void;
}

/** Gives each event that the process reads to the subscribers of its routing keys: the stream is read once, however many listen. */
export function createFanOut(
  source: EventSource,
  routingKeysOf: (event: Envelope) => readonly string[],
  maxBuffered = MAX_BUFFERED,
): FanOut {
  const taps = new Map<string, Set<BufferedTap>>();
  const unsubscribe = source.onEvent((event) => {
    const keys = routingKeysOf(event).map((key) => `${event.stream}|${key}`);
    for (const key of new Set(keys)) for (const tap of taps.get(key) ?? []) tap.push(event);
  });
  let tapCount = 0;

  return {
    get tapCount() {
      return tapCount;
    },
    tap: (stream, routingKey) => {
      const key = `${stream}|${routingKey}`;
      const group = taps.get(key) ?? new Set();
      taps.set(key, group);
      const tap = new BufferedTap(source.emittedPosition(stream), maxBuffered, () => {
        if (!group.delete(tap)) return;
        tapCount -= 1;
        if (group.size === 0 && taps.get(key) === group) taps.delete(key);
      });
      group.add(tap);
      tapCount += 1;
      return tap;
    },
    close: () => {
      unsubscribe();
      for (const group of taps.values()) for (const tap of [...group]) tap.close();
    },
  };
}

class BufferedTap implements Tap {
  readonly fromPosition: number;
  readonly #maxBuffered: number;
  readonly #onClose: () => void;
  #buffer: Envelope[] = [];
  #hasOverflowed = false;
  #isClosed = false;
  #wake: (() => void) | null = null;

  constructor(fromPosition: number, maxBuffered: number, onClose: () => void) {
    this.fromPosition = fromPosition;
    this.#maxBuffered = maxBuffered;
    this.#onClose = onClose;
  }

  push(event: Envelope): void {
    if (this.#hasOverflowed) return;
    if (this.#buffer.length >= this.#maxBuffered) this.#hasOverflowed = true;
    else this.#buffer.push(event);
    this.#wake?.();
  }

  async next(): Promise<Envelope | 'overflow' | 'closed'> {
    for (;;) {
      if (this.#isClosed) return 'closed';
      const event = this.#buffer.shift();
      if (event) return event;
      if (this.#hasOverflowed) return 'overflow';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#buffer = [];
    this.#onClose();
    this.#wake?.();
  }
}
