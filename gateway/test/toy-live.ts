import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { createSeal } from '@tessera/service-kit/messaging';
import { testPrefix, testRedisUrl } from '@tessera/service-kit/testing';
import { Redis } from 'ioredis';
import { ALICE, ALICES_ORDER, BOB, newSecret, startToyPlatform, type ToyPlatform } from './toy-platform.ts';
import { activeCount, closeClients, connect, type Subscribed, subscribe } from './toy-socket.ts';

const MAX_POLLS = 200;
const POLL_MS = 20;
const SERVICES = ['orders', 'ledger', 'users'];

const ORIGIN = {
  version: 1,
  source: 'test',
  aggregateId: 'a',
  actor: 'service:test',
  causationId: null,
  correlationId: 'c',
  traceparent: null,
};
const UNMARK = `
  for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do redis.call('XADD', KEYS[2], entry[1], 'e', entry[2][2]) end
  redis.call('RENAME', KEYS[2], KEYS[1])`;

export const FOLLOW =
  'subscription($id: ID, $after: Cursor) { orderUpdated(orderId: $id, after: $after) { cursor sequence kind isReplayed order { id state customer { handle } ledgerTransfers { amount { minor } } } } }';
export const BALANCE =
  'subscription($id: ID, $after: Cursor) { b: balanceUpdated(walletId: $id, after: $after) { cursor sequence kind balance { minor decimal } wallet { id } transfer { id amount { minor } } } }';

export const kinds = (subscribed: Subscribed) => subscribed.events.map(({ data }) => (data?.orderUpdated ?? data?.b)?.kind);
export const side = (accountId: string, ownerId: string | null, minor: string, sequence: number) => ({
  accountId,
  ownerId,
  sequence,
  balance: { currency: 'USD', minor },
  available: { currency: 'USD', minor },
});

/** Streams that the test writes in place of the relays. */
function createToyStreams(prefix: string, eventsSecret: string) {
  const seal = createSeal(eventsSecret);
  const redis = new Redis(testRedisUrl());
  const positions = { 'order-events': 0, 'ledger-events': 0, 'user-events': 0 };

  /** A forged entry bears no mark. */
  async function publish(stream: keyof typeof positions, type: string, payload: object, isForged = false): Promise<string> {
    positions[stream] += 1;
    const position = positions[stream];
    const id = newId('event');
    const text = JSON.stringify({
      id,
      type,
      stream,
      position,
      sequence: position,
      occurredAt: new Date().toISOString(),
      ...ORIGIN,
      payload,
    });
    await redis.xadd(prefix + stream, `${position}-0`, 'e', text, ...(isForged ? [] : ['s', seal.of(text)]));
    return id;
  }

  return {
    redis,
    publish,
    orderEvent: (type: string, { orderId = ALICES_ORDER, customerId = ALICE, isForged = false } = {}) => {
      const order = { orderId, number: '1', customerId, vendorIds: [], state: 'CONFIRMED' };
      return publish('order-events', type, { ...order, total: { currency: 'USD', minor: '1' }, lines: [] }, isForged);
    },
    movement: (type: string, debit: object, credit: object) => {
      const amount = { currency: 'USD', minor: '5' };
      return publish('ledger-events', type, { transferId: 'trf_1', factKey: 'f', code: 'TRANSFER', amount, debit, credit });
    },
    /** As in a stack whose streams were written before there were marks. */
    async unmark(stream: keyof typeof positions): Promise<void> {
      const key = prefix + stream;
      await redis.eval(UNMARK, 2, key, `${key}:unmarked`);
    },
    async open() {
      await Promise.all(SERVICES.map((service) => redis.set(`${prefix}tessera:epoch:${service}`, 'test')));
    },
    async close() {
      const ofServices = SERVICES.flatMap((service) => [`${prefix}tessera:epoch:${service}`, `${prefix}tessera:replay:${service}`]);
      await redis.del(...Object.keys(positions).map((stream) => prefix + stream), ...ofServices);
      redis.disconnect();
    },
  };
}

/** The toy platform with such streams, and sockets of Alice and Bob. */
export function createToyLive() {
  const [prefix, eventsSecret] = [testPrefix(), newSecret()];
  const streams = createToyStreams(prefix, eventsSecret);
  let platform: ToyPlatform;

  const openCount = async () =>
    Number(/^tessera_gateway_subscriptions\{[^}]*\} (\d+)$/m.exec(await (await fetch(`${platform.url}/metrics`)).text())?.[1]);
  /** Until the gateway has what this file has opened and nothing else: events that are published after this are not missed. */
  async function settled(): Promise<void> {
    for (let attempt = 0; attempt < MAX_POLLS && (await openCount()) !== activeCount(); attempt += 1) await sleep(POLL_MS);
    expect(await openCount()).toBe(activeCount());
  }

  return {
    ...streams,
    ...{ prefix, eventsSecret, openCount, settled },
    async start() {
      await streams.open();
      platform = await startToyPlatform({ redisUrl: testRedisUrl(), streamPrefix: prefix, eventsSecret, config: { socketsPerUser: 100 } });
      const [alice, bob] = await Promise.all([platform.token(ALICE), platform.token(BOB)]);
      return { platform, alice, bob };
    },
    async open(token: string, query: string, variables: Record<string, unknown> = {}): Promise<Subscribed> {
      const subscribed = subscribe(connect(platform.url, token), query, variables);
      await settled();
      return subscribed;
    },
    async reset() {
      await closeClients();
      await settled();
    },
    async close() {
      await platform.close();
      await streams.close();
    },
  };
}
