import { constantTimeEqual, hmac } from '@tessera/service-kit/crypto';
import { TesseraError } from '@tessera/service-kit/errors';
import { z } from 'zod';

/** A place in a stream: behind the event at `index` of the envelope at `position`. */
export interface EventPlace {
  readonly stream: string;
  readonly position: number;
  /** One envelope may be several events for one viewer: both sides of a transfer between own wallets. */
  readonly index: number;
}

const MAX_LENGTH = 500;
const placeSchema = z.tuple([z.string(), z.number().int().nonnegative(), z.number().int().nonnegative()]);

/** Holds a position, never an id of Redis: positions survive a flushed Redis. */
export function encodeEventCursor({ stream, position, index }: EventPlace, key: Buffer): string {
  const body = Buffer.from(JSON.stringify([stream, position, index]), 'utf8').toString('base64url');
  return `${body}.${hmac(key, body, 'base64url')}`;
}

/** Throws `BAD_USER_INPUT` for a cursor that we did not sign, or that belongs to another subscription. */
export function decodeEventCursor(text: string, stream: string, key: Buffer): EventPlace {
  const [body = '', signature = ''] = text.split('.');
  if (text.length > MAX_LENGTH || !constantTimeEqual(signature, hmac(key, body, 'base64url'))) throw notOurs();
  const [of, position, index] = placeSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))); // signed by ourselves
  if (of !== stream) throw notOurs();
  return { stream, position, index };
}

/** Whether an event lies behind the place, so that it has not been delivered yet. */
export function isBehind(place: Pick<EventPlace, 'position' | 'index'>, position: number, index: number): boolean {
  return position > place.position || (position === place.position && index > place.index);
}

function notOurs(): TesseraError {
  return new TesseraError(
    'BAD_USER_INPUT',
    'The cursor in "after" is not one that this subscription gave: leave it out to start from now.',
  );
}
