import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { EventPayload, EventType } from '@tessera/schema/contract';
import { directoryKey } from '@tessera/service-kit/crypto';
import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import { type ReceivedEvent, type UnitOfWork, unitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import { actAs, startTestSubgraph, type TestSubgraph } from '@tessera/service-kit/testing';
import type { LedgerConfig } from '../src/config.ts';
import { sealBatches } from '../src/proof/seal-batches.ts';
import { onUserRegistered } from '../src/recipient/on-user-registered.ts';
import { createSubgraph, type LedgerServices } from '../src/subgraph.ts';

const SEAL_PATIENCE_MS = 30_000;
const MIGRATIONS = new URL('../src/migrations/', import.meta.url);
const extra = {
  defaultCurrency: 'USD',
  directorySecret: 'a'.repeat(43),
  publicUrl: undefined,
  readDatabaseUrl: undefined,
  engineLanes: undefined,
  engineBatchSize: undefined,
  engineQueueLimit: undefined,
  defaultLimits: {},
  crashAt: undefined,
} as const;

/** For tests that build the subgraph but connect nothing. */
export function ledgerTestConfig(): LedgerConfig {
  const secret = 'b'.repeat(43);
  const nowhere = { databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing', redisUrl: 'redis://127.0.0.1:1' };
  const common = { ...nowhere, secret, eventsSecret: secret, redisKeyPrefix: '', port: 0, host: '127.0.0.1', identityKeys: { keys: [] } };
  return { ...common, logLevel: 'error', logFile: undefined, isProduction: false, ...extra };
}

export type TestLedger = TestSubgraph<LedgerServices>;

interface LedgerOptions {
  readonly isStarted?: boolean;
  readonly engineQueueLimit?: number;
  readonly defaultLimits?: LedgerConfig['defaultLimits'];
}

/** A ledger on a database of its own. Without `isStarted` nothing runs beside the test: commands are handled when the test says so. */
export async function aLedger({ isStarted = false, ...engine }: LedgerOptions = {}): Promise<TestLedger> {
  const version = readdirSync(MIGRATIONS).map((file) => readFileSync(new URL(file, MIGRATIONS), 'utf8'));
  return startTestSubgraph('ledger', createSubgraph, { ...extra, ...engine }, { version: version.join('\n'), isStarted });
}

/** Runs in one transaction with an outbox, as a consumer does. */
export async function inUnit<T>({ subgraph }: TestLedger, work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
  const origin = { actor: 'service:test', correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
  return (await unitOfWork(subgraph.platform.orm.em, origin, work)).result;
}

/** An event as the consumer would hand it to its handler. */
export function anEvent<T extends EventType>(type: T, payload: EventPayload<T>, sequence = 1): ReceivedEvent<T> {
  const envelope = { id: newId('event'), version: 1, source: 'test', stream: 'test', aggregateId: 'test', sequence, position: 1 };
  const origin = {
    occurredAt: new Date().toISOString(),
    actor: 'service:payments',
    causationId: null,
    correlationId: 'test',
    traceparent: null,
  };
  return { ...envelope, ...origin, type, payload };
}

export interface TestUser {
  readonly userId: string;
  readonly walletId: string;
  readonly handle: string;
  readonly email: string;
  readonly viewer: ReturnType<typeof actAs.user>;
}

/** A user whom the ledger has heard of, with a wallet in USD that holds this much. */
export async function aUser(ledger: TestLedger, balanceMinor = 0n): Promise<TestUser> {
  const userId = newId('user');
  const handle = `h${userId.slice(-12)}`;
  const email = `${handle}@example.test`;
  const payload = { userId, handle, displayName: `User ${handle}`, emailKey: directoryKey(extra.directorySecret, email) };
  await inUnit(ledger, (unit) => onUserRegistered('USD')(anEvent('UserRegistered', payload), unit));
  const [wallet] = await sql<{ id: string }>(ledger, 'select id from accounts where owner_id = $1', [userId]);
  const walletId = ensure(wallet, 'the default wallet').id;
  if (balanceMinor > 0n) {
    await ledger.subgraph.services.operator.fund({
      walletOwnerId: userId,
      currency: 'USD',
      amountMinor: balanceMinor,
      factKey: `seed:${userId}`,
    });
  }
  return { userId, walletId, handle, email, viewer: actAs.user(userId) };
}

export function sql<T extends Record<string, unknown>>(
  { subgraph }: TestLedger,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<T[]> {
  return rawSql<T>(subgraph.platform.orm.em.fork(), text, parameters);
}

/** Until every batch is sealed: a transaction anywhere on the server, also of another suite, may keep the youngest waiting. */
export async function sealAll(ledger: TestLedger): Promise<void> {
  const giveUpAtMs = Date.now() + SEAL_PATIENCE_MS;
  for (;;) {
    while (await inUnit(ledger, sealBatches));
    if ((await sql(ledger, 'select from unsealed_batches limit 1')).length === 0) return;
    if (Date.now() > giveUpAtMs) throw new Error('Batches stay unsealed.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What was published of a type, oldest first. */
export async function published<T extends EventType>(ledger: TestLedger, type: T): Promise<EventPayload<T>[]> {
  const rows = await sql<{ payload: EventPayload<T> }>(
    ledger,
    'select payload from outbox_events where type = $1 order by ordinal, place',
    [type],
  );
  return rows.map(({ payload }) => payload);
}

/** Everything that the books prove about themselves. */
export async function proofOf(ledger: TestLedger): Promise<{
  readonly isOk: boolean;
  readonly checks: readonly { readonly id: string; readonly isOk: boolean; readonly samples: readonly string[] }[];
}> {
  const { ledgerProof } = await ledger.data<{ ledgerProof: Awaited<ReturnType<typeof proofOf>> }>(
    actAs.admin(),
    '{ ledgerProof { isOk checks { id title isOk violations samples } } }',
  );
  return ledgerProof;
}
