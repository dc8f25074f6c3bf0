import type { Envelope } from '@tessera/schema/contract';
import type { EventValue, Feed } from './channel.ts';
import { type EventPlace, encodeEventCursor, isBehind } from './event-cursor.ts';
import type { EventSource, FanOut, Tap } from './fan-out.ts';

const PAGE_SIZE = 200;
/** How many pages of history are read for one subscriber at a time; whoever is further behind than 200,000 events starts from a snapshot. */
const MAX_PAGES = 1_000;
/** Behind the last event that one envelope can be. */
const WHOLE_ENVELOPE = Number.MAX_SAFE_INTEGER;

/** One event for one subscriber. */
export interface Delivery {
  readonly value: EventValue;
  /** Null for a snapshot. */
  readonly envelope: Envelope | null;
  readonly isReplayed: boolean;
}

export interface FollowParts {
  readonly feed: Feed;
  readonly after: EventPlace | null;
  readonly source: EventSource;
  readonly fanOut: FanOut;
  readonly cursorKey: Buffer;
}

/** The events of a feed, from a place or from now, until `stop`. */
export interface Following extends AsyncIterable<Delivery> {
  stop(): void;
}

/**
 * Without a gap and without a repetition: live events are tapped into a bounded buffer first, then history is read page by page, then the buffer is
 * drained, skipping what history had. A subscriber that is slower than its buffer goes back to reading the log. Where the log no longer reaches
 * back far enough, RESYNC events with the state of now take the place of what is missing.
 */
export function follow(parts: FollowParts): Following {
  const state: { tap: Tap; isStopped: boolean } = { tap: newTap(parts), isStopped: false };
  return {
    [Symbol.asyncIterator]: () => deliver(parts, state),
    stop: () => {
      state.isStopped = true;
      state.tap.close();
    },
  };
}

function newTap({ fanOut, feed }: FollowParts): Tap {
  return fanOut.tap(feed.stream, feed.routingKey);
}

async function* deliver(parts: FollowParts, state: { tap: Tap; isStopped: boolean }): AsyncGenerator<Delivery, void> {
  let place: Pick<EventPlace, 'position' | 'index'> = parts.after ?? { position: state.tap.fromPosition, index: WHOLE_ENVELOPE };
  let isBehindLog = parts.after !== null;
  try {
    while (!state.isStopped) {
      if (isBehindLog) {
        for await (const [delivery, next] of catchUp(parts, place, state)) {
          place = next;
          if (delivery) yield delivery;
        }
        isBehindLog = false;
      }
      const envelope = await state.tap.next();
      if (envelope === 'closed') return;
      if (envelope === 'overflow') {
        state.tap.close();
        state.tap = newTap(parts);
        isBehindLog = true;
        continue;
      }
      yield* deliveriesOf(parts, envelope, place, false);
      if (envelope.position >= place.position) place = { position: envelope.position, index: WHOLE_ENVELOPE };
    }
  } finally {
    state.tap.close();
  }
}

type Place = Pick<EventPlace, 'position' | 'index'>;

/** Everything from the place up to where the tap takes over, with the place that is reached. */
async function* catchUp(
  parts: FollowParts,
  from: Place,
  state: { readonly tap: Tap; readonly isStopped: boolean },
): AsyncGenerator<[Delivery | null, Place]> {
  const { source, feed } = parts;
  const until = state.tap.fromPosition;
  if (await isTooOld(parts, from, until)) {
    yield* resync(parts, until);
    return;
  }
  let place = from;
  for (let page = 0; !state.isStopped; page += 1) {
    if (page >= MAX_PAGES) {
      yield* resync(parts, until);
      return;
    }
    // The envelope at the place itself again: of two events in it, perhaps only the first was delivered.
    const envelopes = await source.readRange(feed.stream, page === 0 ? Math.max(0, place.position - 1) : place.position, PAGE_SIZE);
    for (const envelope of envelopes) {
      if (envelope.position < place.position) continue;
      for (const delivery of deliveriesOf(parts, envelope, place, true)) yield [delivery, place];
      place = { position: envelope.position, index: WHOLE_ENVELOPE };
    }
    yield [null, place];
    if (envelopes.length < PAGE_SIZE || place.position >= until) return;
  }
}

async function isTooOld({ source, feed }: FollowParts, { position }: Place, until: number): Promise<boolean> {
  if (position >= until) return false;
  const oldest = await source.oldestPosition(feed.stream);
  return oldest === null || position + 1 < oldest;
}

async function* resync(parts: FollowParts, position: number): AsyncGenerator<[Delivery, Place]> {
  const place = { position, index: WHOLE_ENVELOPE };
  const cursor = encodeEventCursor({ stream: parts.feed.stream, ...place }, parts.cursorKey);
  for (const value of await parts.feed.snapshot())
    yield [{ value: { ...value, cursor, isReplayed: false }, envelope: null, isReplayed: false }, place];
}

function deliveriesOf({ feed, cursorKey }: FollowParts, envelope: Envelope, place: Place, isReplayed: boolean): Delivery[] {
  return feed
    .eventsOf(envelope)
    .filter(({ index }) => isBehind(place, envelope.position, index))
    .map(({ index, value }) => {
      const cursor = encodeEventCursor({ stream: feed.stream, position: envelope.position, index }, cursorKey);
      return { value: { ...value, cursor, isReplayed }, envelope, isReplayed };
    });
}
