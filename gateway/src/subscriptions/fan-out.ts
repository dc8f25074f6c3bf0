import type { Envelope, StreamName } from '@tessera/schema/contract';
import type { StreamTail } from '@tessera/service-kit/messaging';

const MAX_BUFFERED = 1_000;

/** The part of the kit's stream tail that subscriptions need. */
export type EventSource = Pick<StreamTail, 'onEvent' | 'onGap' | 'readRange' | 'emittedPosition'>;

/** Here events are missing that nobody will bring: whoever listens goes on from the state of now, behind this position. */
export interface Gap {
  readonly gapTo: number;
}

/** Live events of one routing key, buffered for one subscriber. */
export interface Tap {
  /** Everything behind this position comes through the tap, unless it overflows. */
  readonly fromPosition: number;
  /** The next event; `overflow` once the buffer was full and is drained: later ones are in the log; `closed` after `close`. */
  next(): Promise<Envelope | Gap | 'overflow' | 'closed'>;
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
  const tapCounts = new Map<string, number>();
  const count = (stream: StreamName, more: 1 | -1): void => void tapCounts.set(stream, (tapCounts.get(stream) ?? 0) + more);
  const unsubscribe = source.onEvent(
    (event) => {
      const keys = routingKeysOf(event).map((key) => `${event.stream}|${key}`);
      for (const key of new Set(keys)) for (const tap of taps.get(key) ?? []) tap.push(event);
    },
    (stream) => (tapCounts.get(stream) ?? 0) > 0,
  );
  const unsubscribeGaps = source.onGap(({ stream, gapTo }) => {
    for (const [key, group] of taps) if (key.startsWith(`${stream}|`)) for (const tap of group) tap.push({ gapTo });
  });

  return {
    get tapCount() {
      return [...tapCounts.values()].reduce((sum, ofStream) => sum + ofStream, 0);
    },
    tap: (stream, routingKey) => {
      const key = `${stream}|${routingKey}`;
      const group = taps.get(key) ?? new Set();
      taps.set(key, group);
      const tap = new BufferedTap(source.emittedPosition(stream), maxBuffered, () => {
        if (!group.delete(tap)) return;
        count(stream, -1);
        if (group.size === 0 && taps.get(key) === group) taps.delete(key);
      });
      group.add(tap);
      count(stream, 1);
      return tap;
    },
    close: () => {
      unsubscribe();
      unsubscribeGaps();
      for (const group of taps.values()) for (const tap of [...group]) tap.close();
    },
  };
}

class BufferedTap implements Tap {
  readonly fromPosition: number;
  readonly #maxBuffered: number;
  readonly #onClose: () => void;
  #buffer: (Envelope | Gap)[] = [];
  #hasOverflowed = false;
  #isClosed = false;
  #wake: (() => void) | null = null;

  constructor(fromPosition: number, maxBuffered: number, onClose: () => void) {
    this.fromPosition = fromPosition;
    this.#maxBuffered = maxBuffered;
    this.#onClose = onClose;
  }

  push(next: Envelope | Gap): void {
    if (this.#hasOverflowed) return;
    if (this.#buffer.length >= this.#maxBuffered) this.#hasOverflowed = true;
    else this.#buffer.push(next);
    this.#wake?.();
  }

  async next(): Promise<Envelope | Gap | 'overflow' | 'closed'> {
    for (;;) {
      if (this.#isClosed) return 'closed';
      const next = this.#buffer.shift();
      if (next) return next;
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
