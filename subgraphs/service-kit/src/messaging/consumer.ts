import type { ServiceName } from '@tessera/schema/contract';
import type { Redis } from 'ioredis';
import type { EntityManager, MikroORM } from '../persistence/index.ts';
import { type DeadLetter, deadGap, storeDeadLetter } from './dead-letter.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import type { CommittedEvent } from './event.ts';
import { loadPositions, movePosition, pruneInbox } from './inbox.ts';
import { Lane } from './lane.ts';
import { createLeadership, type Lease } from './leadership.ts';
import { deadLetterKey, type MessagingLog, REPLAY_CHANNEL, streamKey } from './names.ts';
import { type EventHandlers, type HandlerTable, handlerTable } from './received-event.ts';
import { connectBlockingRedis, connectRedis } from './redis.ts';
import { requestReplay } from './replay-requests.ts';
import { serveReplays } from './replays.ts';
import { createSeal } from './seal.ts';
import { BLOCK_MS, readStreams } from './stream-reader.ts';
import { createReceivedEvents, idsOf } from './wait-for.ts';

/** Also the heartbeat of the connection that holds the lock. */
const POLL_MS = 1_000;
const PRUNE_EVERY_MS = 600_000;
const MAX_DEAD_LETTERS_IN_REDIS = 10_000;

export interface ConsumerOptions {
  readonly orm: MikroORM;
  /** The same database as the mapper's, for the connection that holds the lock. */
  readonly databaseUrl: string;
  readonly service: ServiceName;
  readonly redisUrl: string;
  /** Known to the services alone: entries without their mark are not taken. */
  readonly eventsSecret: string;
  readonly handlers: EventHandlers;
  readonly log: MessagingLog;
  /** First delay between two attempts of a failing handler, default 50 ms; the later ones grow. */
  readonly retryBaseMs?: number;
  /** Parts key spaces that share a Redis database, default none. */
  readonly prefix?: string;
}

export interface Consumer {
  /** Begins in the background; needs neither store to be up. */
  start(): Promise<void>;
  /** Finishes the events in hand and hands over to a stand-by. */
  close(): Promise<void>;
  isLeading(): boolean;
  /**
   * True once this service has dealt with all of the events that it handles (others are ignored), in whatever process; false when
   * `timeoutMs` passed first.
   */
  waitFor(events: readonly CommittedEvent[], timeoutMs: number): Promise<boolean>;
}

/** Applies the events of other services to this one's database: each once, in order per stream, by one process per database at a time. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { orm, databaseUrl, service, log } = options;
  const handlers = handlerTable(options.handlers);
  const received = createReceivedEvents(() => orm.em.fork());
  const leadership = createLeadership({
    databaseUrl,
    work: 'consumer',
    service,
    channels: [REPLAY_CHANNEL],
    log,
    lead: (lease) => lead(options, handlers, received.add, lease),
  });
  return {
    async start() {
      if (handlers.streams.length > 0) leadership.start();
    },
    close: () => leadership.close(),
    isLeading: () => leadership.isLeading(),
    waitFor: (events, timeoutMs) => received.waitFor(idsOf(events, handlers.handles), timeoutMs),
  };
}

async function lead(options: ConsumerOptions, handlers: HandlerTable, onReceived: (id: string) => void, lease: Lease): Promise<void> {
  const { orm, service, redisUrl, eventsSecret, log, retryBaseMs, prefix = '' } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([lease.signal, failed.signal]);
  const commands = connectRedis(redisUrl, `tessera-consumer-${service}`, log);
  const reading = connectBlockingRedis(redisUrl, `tessera-reader-${service}`, BLOCK_MS, log);
  const onDead = (letter: DeadLetter): void => tellDead(commands, deadLetterKey(prefix, service), letter);
  const delivery = createDelivery({
    orm,
    service,
    handlers,
    log,
    onReceived,
    onDead,
    ...(retryBaseMs === undefined ? {} : { retryBaseMs }),
  });
  try {
    const lanes = await openLanes({ em: orm.em.fork(), service, prefix, handlers, delivery, redis: commands, log, signal });
    const parts = [
      ...lanes.map((lane) => lane.run(signal)),
      readStreams(reading, lanes, { keyOf: (stream) => streamKey(prefix, stream), seal: createSeal(eventsSecret), log, signal }),
      attend({ ...lease, signal }, orm, lanes, delivery, log),
    ];
    for (const part of parts) part.catch(() => failed.abort()); // one that fails ends the others, then the lease
    const outcomes = await Promise.allSettled(parts);
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure && !lease.signal.aborted) throw failure.reason;
  } finally {
    reading.disconnect();
    commands.disconnect();
  }
}

interface LaneParts {
  readonly em: EntityManager;
  readonly service: string;
  readonly prefix: string;
  readonly handlers: HandlerTable;
  readonly delivery: Delivery;
  readonly redis: Redis;
  readonly log: MessagingLog;
  readonly signal: AbortSignal;
}

async function openLanes({ em, service, prefix, handlers, delivery, redis, log, signal }: LaneParts): Promise<Lane[]> {
  const positions = await loadPositions(em, handlers.streams);
  return handlers.streams.map(
    (stream) =>
      new Lane(stream, positions.get(stream) ?? 0, {
        handles: handlers.handles,
        concerns: handlers.concerns,
        deliver: (event) => delivery.deliver(event, signal),
        pass: (events) => delivery.pass(events, signal),
        move: (position) => delivery.persist((inner) => movePosition(inner, stream, position), signal),
        ask: async (fromPosition) => {
          log.warn({ service, stream, fromPosition }, 'Entries are missing from the stream or bear no mark, asking its writer for them');
          // Without an answer the lane reads on and asks again.
          await requestReplay(redis, prefix, stream, fromPosition, service).catch(() => undefined);
        },
        fileGap: async (from, to, rereads, raw) => {
          log.error({ service, stream, from, to }, 'Entries stayed missing; passed over and filed as a dead letter');
          await delivery.persist(async (inner) => {
            await storeDeadLetter(inner, deadGap(stream, from, to, rereads, raw));
            await movePosition(inner, stream, to);
          }, signal);
        },
      }),
  );
}

/** What is due now and then: requests of operators, old inbox rows; and finding out that the lock's connection is gone. */
async function attend(
  { client, bell, signal }: Lease,
  orm: MikroORM,
  lanes: readonly Lane[],
  delivery: Delivery,
  log: MessagingLog,
): Promise<void> {
  let pruneAtMs = performance.now() + PRUNE_EVERY_MS;
  while (!signal.aborted) {
    await serveReplays({ client, lanes, delivery, log, signal });
    if (performance.now() >= pruneAtMs) {
      await pruneInbox(orm.em.fork());
      pruneAtMs = performance.now() + PRUNE_EVERY_MS;
    }
    await bell.wait(POLL_MS);
  }
}

/** The table is the truth; the stream tells whoever watches. */
function tellDead(redis: Redis, key: string, letter: DeadLetter): void {
  redis.xadd(key, 'MAXLEN', '~', MAX_DEAD_LETTERS_IN_REDIS, '*', 'e', JSON.stringify(letter)).catch(() => undefined);
}
