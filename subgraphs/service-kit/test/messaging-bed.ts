import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { defineEntity, p } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';
import type { EventType, ServiceName, StreamName } from '@tessera/schema/contract';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import {
  type CommittedEvent,
  type Consumer,
  createConsumer,
  createRelay,
  type EventHandlers,
  type MessagingLog,
  messagingMigration,
  type NewEvent,
  packsMigration,
  type Relay,
  tellMigration,
  type UnitOfWork,
  unitOfWork,
} from '../src/messaging/index.ts';
import { within } from '../src/messaging/timing.ts';
import { createOrm, type MikroORM, type Row, rawSql, runMigrations } from '../src/persistence/index.ts';
import { createTestDatabase, testPrefix, testRedisUrl } from '../src/testing/database.ts';

/** The mapper wants at least one entity. */
const effectSchema = defineEntity({ name: 'Effect', tableName: 'effects', properties: { id: p.integer().primary(), eventId: p.string() } });

class EffectsMigration extends Migration {
  override up(): void {
    // Nothing here is unique: an effect that happens twice leaves two rows.
    this.addSql('create table effects (id serial primary key, event_id text not null, type text not null, payload jsonb not null)');
  }
}

const migrations = [messagingMigration, packsMigration, tellMigration, { name: '00000000000001-effects', class: EffectsMigration }];
const version = ['../src/messaging/messaging.migration.ts', './messaging-bed.ts']
  .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
  .join('');
const RETRY_BASE_MS = 5;
/** What the services of the bed know. */
export const EVENTS_SECRET = 'the secret of the services on this bed';
const CLOSE_TIMEOUT_MS = 2_000;

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly facts: object;
  readonly message: string;
}

/** A service with a database of its own; relays and consumers are made as often as a test wants processes. */
export interface TestService {
  readonly name: ServiceName;
  readonly databaseUrl: string;
  readonly orm: MikroORM;
  relay(options?: { readonly maxStreamLength?: number; readonly eventsSecret?: string }): Promise<Relay>;
  consumer(handlers: EventHandlers): Promise<Consumer>;
  publish(...events: NewEvent[]): Promise<readonly CommittedEvent[]>;
  act<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<{ readonly result: T; readonly committed: readonly CommittedEvent[] }>;
  rows<T extends Row>(sql: string, parameters?: readonly unknown[]): Promise<T[]>;
  /** How often the effect of each event happened, in the order of first effects. */
  effects(): Promise<string[]>;
}

export interface MessagingBed {
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly log: MessagingLog;
  readonly lines: LogLine[];
  service(name: ServiceName): Promise<TestService>;
  /** What FLUSHDB does, for the keys of this suite only, in one step. */
  flush(): Promise<void>;
  entries(stream: StreamName): Promise<string[]>;
  /** The stream as a relay wrote it that knew no marks; in one step, with the epoch as it is. */
  unmark(stream: StreamName): Promise<void>;
  /** Ends relays and consumers; databases stay. */
  stopAll(): Promise<void>;
  close(): Promise<void>;
}

export function createMessagingBed(): MessagingBed {
  const redisUrl = testRedisUrl();
  const prefix = testPrefix();
  const redis = new Redis(redisUrl);
  const lines: LogLine[] = [];
  const log = logInto(lines);
  const running: { close(): Promise<void> }[] = [];
  const services: { close(): Promise<void> }[] = [];

  async function flush(): Promise<void> {
    const script = `for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do redis.call('DEL', key) end`;
    await redis.eval(script, 0, prefix);
  }
  async function stopAll(): Promise<void> {
    await Promise.all(running.splice(0).map((worker) => worker.close()));
  }

  return {
    redis,
    redisUrl,
    prefix,
    log,
    lines,
    flush,
    stopAll,
    async service(name) {
      const service = await createService(name, { redisUrl, prefix, log, running });
      services.push(service);
      return service;
    },
    async unmark(stream) {
      const key = prefix + stream;
      const script = `
        for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do redis.call('XADD', KEYS[2], entry[1], 'e', entry[2][2]) end
        redis.call('RENAME', KEYS[2], KEYS[1])`;
      await redis.eval(script, 2, key, `${key}:unmarked`);
    },
    entries: async (stream) => (await redis.xrange(`${prefix}${stream}`, '-', '+')).map(([id]) => id),
    async close() {
      await stopAll();
      await Promise.all(services.map((service) => service.close()));
      await flush();
      redis.disconnect();
    },
  };
}

interface Shared {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly log: MessagingLog;
  readonly running: { close(): Promise<void> }[];
}

async function createService(
  name: ServiceName,
  { redisUrl, prefix, log, running }: Shared,
): Promise<TestService & { close(): Promise<void> }> {
  const database = await createTestDatabase({ name: 'messaging', version, migrate });
  const databaseUrl = database.url;
  const orm = createOrm({ databaseUrl, entities: [effectSchema], migrations });
  const shared = { databaseUrl, service: name, redisUrl, eventsSecret: EVENTS_SECRET, prefix, log };
  const act: TestService['act'] = (work) => unitOfWork(orm.em.fork(), originOf(name), work);
  const rows: TestService['rows'] = (sql, parameters) => rawSql(orm.em.fork(), sql, parameters);
  return {
    name,
    databaseUrl,
    orm,
    act,
    rows,
    async relay(options = {}) {
      const relay = createRelay({ ...shared, ...options });
      running.push(relay);
      await relay.start();
      return relay;
    },
    async consumer(handlers) {
      const consumer = createConsumer({ ...shared, orm, handlers, retryBaseMs: RETRY_BASE_MS });
      running.push(consumer);
      await consumer.start();
      return consumer;
    },
    async publish(...events) {
      const { committed } = await act(async (unit) => {
        for (const event of events) unit.publish(event);
      });
      return committed;
    },
    effects: async () => (await rows<{ event_id: string }>('select event_id from effects order by id')).map((row) => row.event_id),
    async close() {
      // A connection that died inside a transaction never comes back to its pool, and the pool waits for it.
      await within(CLOSE_TIMEOUT_MS, 'Closing the mapper', orm.close()).catch(() => undefined);
      await database.drop();
    },
  };
}

async function migrate(databaseUrl: string): Promise<void> {
  const orm = createOrm({ databaseUrl, entities: [effectSchema], migrations });
  await runMigrations(orm);
  await orm.close();
}

function originOf(service: string) {
  return { actor: `service:${service}`, correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
}

function logInto(lines: LogLine[]): MessagingLog {
  const at = (level: LogLine['level']) => (facts: object, message: string) => void lines.push({ level, facts, message });
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

export function stockLow(variantId: string, available = 1): NewEvent<'StockLow'> {
  return { type: 'StockLow', aggregateId: variantId, payload: { variantId, vendorId: 'usr_vendor', available } };
}

/** A handler whose only effect is a row that says so. */
export function recordEffect<T extends EventType>() {
  return async (event: { readonly id: string; readonly type: T; readonly payload: unknown }, unit: UnitOfWork): Promise<void> => {
    await rawSql(unit.em, 'insert into effects (event_id, type, payload) values ($1, $2, $3::jsonb)', [
      event.id,
      event.type,
      JSON.stringify(event.payload),
    ]);
  };
}

export async function connected<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export function idsOf(events: readonly CommittedEvent[]): string[] {
  return events.map(({ id }) => id);
}
