import type { Log } from '@tessera/service-kit/graphql';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { CartLineFacts } from './cart.ts';

const TTL_S = 3_600;
const COMMAND_TIMEOUT_MS = 150;
const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_CAP_MS = 2_000;

const entrySchema = z.object({ version: z.int(), lines: z.array(z.object({ variantId: z.string(), quantity: z.int() })) });

/**
 * Lines of carts in Redis, beside the truth in PostgreSQL. An entry counts only for the version that the cart's row has now, so that a lost
 * write, a flushed or an absent Redis costs a read and never shows an old cart.
 */
export interface CartCache {
  get(cartId: string, version: number): Promise<readonly CartLineFacts[] | null>;
  put(cartId: string, version: number, lines: readonly CartLineFacts[]): Promise<void>;
  close(): Promise<void>;
}

export interface CartCacheOptions {
  readonly url: string;
  readonly prefix: string;
  readonly log: Log;
}

/** Connects with the first use, in the background; every failure means "not cached". */
export function createCartCache({ url, prefix, log }: CartCacheOptions): CartCache {
  const redis = new Redis(url, {
    connectionName: 'tessera-carts',
    lazyConnect: true,
    enableOfflineQueue: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt: number) => Math.min(attempt * 100, RECONNECT_CAP_MS),
  });
  redis.on('error', (error) => log.debug({ reason: error.message }, 'carts are read from the database: Redis is not reachable'));
  const key = (cartId: string): string => `${prefix}tessera:cart:${cartId}`;

  const ifReady = async <T>(work: () => Promise<T>): Promise<T | null> => {
    if (redis.status === 'wait') void redis.connect().catch(() => {}); // reported by the error event
    if (redis.status !== 'ready') return null;
    return work().catch(() => null);
  };

  return {
    get: async (cartId, version) => {
      const text = await ifReady(() => redis.get(key(cartId)));
      const entry = text ? parseEntry(text) : null;
      return entry?.version === version ? entry.lines : null;
    },
    put: async (cartId, version, lines) => {
      await ifReady(() => redis.set(key(cartId), JSON.stringify({ version, lines }), 'EX', TTL_S));
    },
    close: async () => redis.disconnect(),
  };
}

function parseEntry(text: string): z.infer<typeof entrySchema> | null {
  try {
    return entrySchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
