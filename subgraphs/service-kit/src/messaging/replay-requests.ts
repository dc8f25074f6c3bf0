import type { StreamName } from '@tessera/schema/contract';
import type { Redis } from 'ioredis';
import { isStreamName, ownerOf, replayKey } from './names.ts';

/**
 * Asks the writer of a stream to put its events from a position on back. Kept in Redis: whoever still misses something asks again. The
 * relay answers within about a second, by swapping a longer stream in; positions stay as they are.
 */
export async function requestReplay(
  redis: Redis,
  prefix: string,
  stream: StreamName,
  fromPosition: number,
  requester: string,
): Promise<void> {
  const owner = ownerOf(stream);
  if (owner === undefined) throw new RangeError(`No service writes the stream ${stream}`);
  await redis.hset(replayKey(prefix, owner), `${stream}|${requester}`, fromPosition);
}

/** The relay's side: the lowest wanted position per stream; each request is answered once. */
export async function takeReplayRequests(redis: Redis, prefix: string, service: string): Promise<Map<string, number>> {
  const key = replayKey(prefix, service);
  const requests = Object.entries(await redis.hgetall(key));
  if (requests.length > 0) await redis.hdel(key, ...requests.map(([field]) => field));
  const wanted = new Map<string, number>();
  for (const [field, value] of requests) {
    const stream = field.slice(0, field.indexOf('|'));
    const position = Number(value);
    if (!isStreamName(stream) || ownerOf(stream) !== service || !Number.isSafeInteger(position)) continue;
    wanted.set(stream, Math.min(position, wanted.get(stream) ?? position));
  }
  return wanted;
}
