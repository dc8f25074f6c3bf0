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
 * drained, skipping what history had. A subscriber that is slower than its buffer goes back to reading the log. Where events are missing, in the log
 * or from what is live, RESYNC events with the state of now take their place.
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
  let place: Place = parts.after ?? { position: state.tap.fromPosition, index: WHOLE_ENVELOPE };
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
      const news = await state.tap.next();
      if (news === 'closed') return;
      if (news === 'overflow') {
        state.tap.close();
        state.tap = newTap(parts);
        isBehindLog = true;
        continue;
      }
      const position = 'gapTo' in news ? news.gapTo : news.position;
      if (!('gapTo' in news)) yield* deliveriesOf(parts, news, place, false);
      else if (position > place.position) for await (const [delivery] of resync(parts, position)) yield delivery;
      if (position >= place.position) place = { position, index: WHOLE_ENVELOPE };
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
  let place = from;
  for (let page = 0; !state.isStopped; page += 1) {
    // Of an envelope of two events perhaps only the first was delivered: then it is read again.
    const behind = place.index === WHOLE_ENVELOPE ? place.position : place.position - 1;
    const envelopes = page < MAX_PAGES ? await source.readRange(feed.stream, behind, PAGE_SIZE) : null;
    // No events where some must be is a stream that was lost, or that begins anew.
    if (!envelopes || (envelopes.length === 0 && behind < Math.max(until, place.position))) {
      yield* resync(parts, until);
      return;
    }
    for (const envelope of envelopes) {
      for (const delivery of deliveriesOf(parts, envelope, place, true)) yield [delivery, place];
      place = { position: envelope.position, index: WHOLE_ENVELOPE };
    }
    yield [null, place];
    if (place.position >= until) return;
  }
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
