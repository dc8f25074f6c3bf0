import type { ServiceName } from '@tessera/schema/contract';
import { InvariantViolation } from '../errors/index.ts';
import { createLeadership, type Lease } from './leadership.ts';
import { type MessagingLog, OUTBOX_CHANNEL } from './names.ts';
import { countForeign, keepToIndexes } from './outbox-log.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import { connectRedis } from './redis.ts';
import { createSeal } from './seal.ts';
import { backoffMs, pause } from './timing.ts';

const POLL_MS = 1_000;
const BATCH_SIZE = 1_000;
const MAX_STREAM_LENGTH = 100_000;
const EPOCH_WINDOW_MS = 24 * 3_600_000;
const RETRY_BASE_MS = 50;
const RETRY_CAP_MS = 2_000;

export interface RelayOptions {
  /** The service's own database: the one that holds its outbox. */
  readonly databaseUrl: string;
  readonly service: ServiceName;
  readonly redisUrl: string;
  /** Known to the services alone: marks what this relay writes. */
  readonly eventsSecret: string;
  readonly log: MessagingLog;
  /** How far back the streams are filled after Redis has lost them, default 24 h. */
  readonly epochWindowMs?: number;
  /** Events that a stream keeps, about; default 100,000. */
  readonly maxStreamLength?: number;
  /** Bound of the delay where a notification got lost, default 1,000 ms. */
  readonly pollMs?: number;
  /** Parts key spaces that share a Redis database, default none. */
  readonly prefix?: string;
}

export interface Relay {
  /** Begins in the background; needs neither store to be up. */
  start(): Promise<void>;
  /** Finishes the step it is in and hands over to a stand-by. */
  close(): Promise<void>;
  isLeading(): boolean;
}

/** Moves committed events from the outbox to the Redis streams: at least once, in order, by one process per database at a time. */
export function createRelay(options: RelayOptions): Relay {
  const { databaseUrl, service, log } = options;
  const leadership = createLeadership({
    databaseUrl,
    work: 'relay',
    service,
    channels: [OUTBOX_CHANNEL],
    log,
    lead: (lease) => lead(options, lease),
  });
  return {
    async start() {
      leadership.start();
    },
    close: () => leadership.close(),
    isLeading: () => leadership.isLeading(),
  };
}

async function lead(options: RelayOptions, lease: Lease): Promise<void> {
  const {
    service,
    redisUrl,
    eventsSecret,
    log,
    pollMs = POLL_MS,
    prefix = '',
    epochWindowMs = EPOCH_WINDOW_MS,
    maxStreamLength = MAX_STREAM_LENGTH,
  } = options;
  const redis = connectRedis(redisUrl, `tessera-relay-${service}`, log);
  const publisher = createPublisher({
    ...lease,
    ...{ redis, service, prefix, epochWindowMs, maxStreamLength, log },
    seal: createSeal(eventsSecret),
    batchSize: BATCH_SIZE,
  });
  try {
    await keepToIndexes(lease.client);
    await relay(publisher, lease, { service, pollMs, log });
  } finally {
    redis.disconnect();
  }
}

async function relay(
  publisher: Publisher,
  { client, signal, bell }: Lease,
  { service, pollMs, log }: { service: string; pollMs: number; log: MessagingLog },
): Promise<void> {
  let verifyAtMs = 0;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const hasMore = await publisher.publish();
      if (performance.now() >= verifyAtMs) {
        await publisher.verify();
        if (verifyAtMs === 0) await warnOfForeign(client, service, log);
        verifyAtMs = performance.now() + pollMs;
      }
      if (failures > 0) log.info({ service, failures }, 'Events are published again');
      failures = 0;
      if (!hasMore) await bell.wait(pollMs);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (failures === 1) complain(error, service, log);
      await pause(backoffMs(failures, RETRY_BASE_MS, RETRY_CAP_MS), signal);
      await client.query('select 1'); // a connection that does not answer ends the lease
    }
  }
}

/** A store that is away comes back; a row that is wrong stays so until a person has looked at it, and nothing overtakes it. */
function complain(error: unknown, service: string, log: MessagingLog): void {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof InvariantViolation)
    log.error({ service, reason }, 'The outbox holds what cannot be told: nothing is published until it is mended');
  else log.warn({ service, reason }, 'Events wait in the outbox, trying again');
}

async function warnOfForeign(client: Lease['client'], service: string, log: MessagingLog): Promise<void> {
  const count = await countForeign(client, service);
  if (count > 0)
    log.error(
      { service, count },
      'The outbox holds events that belong to another service; they are never published. Publish only own types',
    );
}
