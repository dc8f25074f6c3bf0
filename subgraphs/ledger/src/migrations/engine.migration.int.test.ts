import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deriveKey } from '@tessera/service-kit/crypto';
import { fingerprintOf } from '@tessera/service-kit/idempotency';
import { newId } from '@tessera/service-kit/ids';
import { rawSql } from '@tessera/service-kit/persistence';
import { actAs, commonTestConfig, createTestDatabase, type TestDatabase } from '@tessera/service-kit/testing';
import { createSubgraph, type LedgerServices } from '../subgraph.ts';

type Ledger = ReturnType<typeof createSubgraph>;
const [owner, wallet, friend] = [newId('user'), newId('wallet'), newId('wallet')];
const [funding, moved, hold, voided, reversal, refused] = ['f', 'm', 'h', 'v', 'r', 'x'].map(() => newId('transfer'));
const input = { fromWalletId: wallet, to: { walletId: friend }, amount: { currency: 'USD', minor: '30' }, idempotencyKey: randomUUID() };
const unknown = { ...input, to: { walletId: newId('wallet') }, idempotencyKey: randomUUID() };

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await createTestDatabase({ name: 'ledger_migration', version: 'empty', migrate: async () => undefined });
  const more = { defaultCurrency: 'USD', directorySecret: randomBytes(32).toString('base64url') } as const;
  ledger = createSubgraph({ ...commonTestConfig(database.url), ...more } as Parameters<typeof createSubgraph>[0]); // the common part comes without its optional fields
  await ledger.platform.orm.migrator.up({ to: 'ledger-0003-recipients' });
  for (const statement of simpleEngine(ledger.config.secret)) await rawSql(ledger.platform.orm.em.fork(), statement);
  await ledger.platform.orm.migrator.up({ to: 'ledger-0007-schedules' });
  for (const statement of MADE_BEFORE) await rawSql(ledger.platform.orm.em.fork(), statement);
  await ledger.migrate();
});
afterAll(async () => {
  await ledger.close();
  await database.drop();
});

/** As the page of the ledger advises for large books: outside of the migrations, so that nobody waits. */
const MADE_BEFORE = [
  'create index concurrently first_by_time on transfers_first using brin (created_at) with (pages_per_range = 32, autosummarize = on)',
  'create index concurrently first_by_batch on transfers_first using brin (batch_id) with (autosummarize = on)',
  'create index concurrently accounts_kind on accounts (kind, currency, id)',
  'create index concurrently transfer_keys_batch on transfer_keys using brin (batch_id) with (autosummarize = on)',
];

describe('the migrations from ledger-0008 on', () => {
  it('take over indexes that were made before', async () => {
    const summaries = `select c.relname as name, p.relname as part_of from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam
      left join pg_inherits h on h.inhrelid = c.oid left join pg_class p on p.oid = h.inhparent
      where i.indrelid = 'transfers_first'::regclass and m.amname = 'brin' order by 1`;
    expect(await rawSql(ledger.platform.orm.em.fork(), summaries)).toEqual([
      { name: 'first_by_batch', part_of: 'transfers_batch' },
      { name: 'first_by_time', part_of: 'transfers_time' },
    ]);
  });
});

describe('the migration from the simple engine', () => {
  it('keeps every transfer, and the books prove themselves', async () => {
    const rows = await rawSql(ledger.platform.orm.em.fork(), 'select id, tableoid::regclass::text as partition from transfers order by id');
    expect(rows).toEqual([funding, moved, hold, voided, reversal, refused].toSorted().map((id) => ({ id, partition: 'transfers_first' })));
    const { data } = await ledger.execute({ query: '{ ledgerProof { checks { id samples } } }', viewer: actAs.admin() });
    const { checks } = (data as { ledgerProof: { checks: { id: string; samples: string[] }[] } }).ledgerProof;
    expect(checks.filter(({ samples }) => samples.length > 0)).toEqual([]);
  });

  it('MUST keep copies of balances off while processes of before may still run', async () => {
    const isOff = `select off_until > clock_timestamp() + interval '50 minutes' as is_off from balance_hint_switch`;
    expect(await rawSql(ledger.platform.orm.em.fork(), isOff)).toEqual([{ is_off: true }]);
  });

  it('MUST answer a key of before as it was answered then', async () => {
    expect(await send(input)).toEqual({ __typename: 'TransferCreated', transfer: { id: moved } });
    expect(await send({ ...input, amount: { currency: 'USD', minor: '31' } })).toEqual({
      __typename: 'IdempotencyKeyReused',
      differingFields: ['input.amount.minor'],
    });
    expect(await send(unknown)).toEqual({ __typename: 'RecipientNotFound' });
    const { services } = ledger as { readonly services: LedgerServices };
    const again = await services.operator.fund({ walletOwnerId: owner, currency: 'USD', amountMinor: 100n, factKey: 'start' });
    expect(again).toEqual({ walletId: wallet, transferId: funding });
  });

  it('MUST not resolve a hold or reverse a transfer a second time', async () => {
    const leg = { kind: 'VOID', holdId: hold ?? '' } as const;
    const request = { scope: 'test', key: 'again', legs: [leg], actor: 'test', traceparent: null };
    const origin = { actor: 'test', correlationId: 'test', causationId: null, traceparent: null };
    const { outcome } = await ledger.services.engine.submit({ request, origin, tell: () => [] });
    expect(outcome).toMatchObject({ kind: 'REFUSED', refusal: { reason: 'HOLD_VOIDED' } });
    const back = {
      kind: 'MOVE',
      debit: friend,
      credit: wallet,
      amount: { currency: 'USD', minor: 30n },
      code: 'REVERSAL',
      reverses: moved ?? '',
    } as const;
    const reversed = await ledger.services.engine.submit({ request: { ...request, key: 'back', legs: [back] }, origin, tell: () => [] });
    expect(reversed.outcome).toMatchObject({ kind: 'REFUSED', refusal: { reason: 'ALREADY_REVERSED' } });
  });
});

async function send(asked: object): Promise<unknown> {
  const query = `mutation ($input: TransferCreateInput!) {
    transferCreate(input: $input) { __typename ... on TransferCreated { transfer { id } } ... on IdempotencyKeyReused { differingFields } }
  }`;
  const { data, errors } = await ledger.execute({ query, variables: { input: asked }, viewer: actAs.user(owner) });
  expect(errors).toBeUndefined();
  return (data as { transferCreate: unknown }).transferCreate;
}

/** What the simple engine had written: a funding, a transfer and its reversal, a hold that was voided, a refusal; keys in both tables. */
function simpleEngine(secret: string): string[] {
  const bank = newId('account');
  const fingerprint = (asked: object) => {
    const { amount, ...rest } = asked as typeof input;
    const coerced = { ...rest, amount: { currency: amount.currency, minor: BigInt(amount.minor) } };
    return JSON.stringify(fingerprintOf({ input: coerced }, deriveKey(secret, 'idempotency-fingerprints')));
  };
  const legs = (debit: string, credit: string, minor: number, code: string) =>
    JSON.stringify({
      'legs.0.kind': 'MOVE',
      'legs.0.debit': debit,
      'legs.0.credit': credit,
      'legs.0.currency': 'USD',
      'legs.0.minor': String(minor),
      'legs.0.code': code,
      'legs.0.debitOwnerId': '',
      'legs.0.note': '',
      'legs.0.reverses': '',
      orderId: '',
      paymentId: '',
    });
  const key = (scope: string, name: string, id: string | undefined, body: string, refusal: string | null = null) =>
    `insert into transfer_keys values ('${scope}', '${name}', '${body}', '${refusal ? 'REFUSED' : 'POSTED'}', ${refusal ? `'${refusal}'` : 'null'}, '{${id}}', now())`;
  const told = (asked: typeof input, outcome: object) =>
    `insert into idempotency_keys (principal, mutation, key, fingerprint, outcome) values ('user:${owner}', 'transferCreate', '${asked.idempotencyKey}', '${fingerprint(asked)}', '${JSON.stringify(outcome)}')`;
  const columns =
    'id, fact_key, debit_account_id, credit_account_id, amount_minor, currency, state, code, reason, debit_sequence, credit_sequence, debit_balance_after, credit_balance_after, debit_available_after, credit_available_after, expires_at, resolves, reverses, created_at, actor';
  const row = (id: string | undefined, sides: string, state: string, rest: string) =>
    `insert into transfers (${columns}) values ('${id}', 'fact', ${sides}, 'USD', '${state}', ${rest}, now(), 'test')`;
  const account = (id: string, more: string) =>
    `insert into accounts (id, address, kind, owner_id, currency, normal_side, debits_posted, credits_posted, sequence, floor_minor, is_default, opened_at) values ('${id}', ${more}, now())`;
  const insufficient = JSON.stringify({ reason: 'INSUFFICIENT_FUNDS', leg: 0, availableMinor: '100' });
  return [
    account(bank, `'system:bank:USD', 'BANK', null, 'USD', 'DEBIT', 100, 0, 1, null, false`),
    account(wallet, `null, 'WALLET', '${owner}', 'USD', 'CREDIT', 30, 130, 5, 0, true`),
    account(friend, `null, 'WALLET', '${newId('user')}', 'USD', 'CREDIT', 30, 30, 4, 0, true`),
    row(funding, `'${bank}', '${wallet}', 100`, 'POSTED', `'FUNDING', null, 1, 1, 100, 100, 100, 100, null, null, null`),
    row(moved, `'${wallet}', '${friend}', 30`, 'POSTED', `'TRANSFER', null, 2, 1, 70, 30, 70, 30, null, null, null`),
    row(
      hold,
      `'${wallet}', '${friend}', 20`,
      'PENDING',
      `'ORDER_PAYMENT', null, 3, 2, 70, 30, 50, 30, now() + interval '1 hour', null, null`,
    ),
    row(voided, `'${wallet}', '${friend}', 20`, 'VOIDED', `'ORDER_PAYMENT', null, 4, 3, 70, 30, 70, 30, null, '${hold}', null`),
    row(reversal, `'${friend}', '${wallet}', 30`, 'POSTED', `'REVERSAL', null, 4, 5, 0, 100, 0, 100, null, null, '${moved}'`),
    row(
      refused,
      `'${wallet}', '${friend}', 500`,
      'REFUSED',
      `'TRANSFER', 'INSUFFICIENT_FUNDS', null, null, null, null, null, null, null, null, null`,
    ),
    key('operator', 'start', funding, legs('system:bank:USD', wallet, 100, 'FUNDING')),
    key(`user:${owner}/transferCreate`, input.idempotencyKey, moved, legs(wallet, friend, 30, 'TRANSFER')),
    key('service:payments', 'hold', hold, '{}'),
    key('service:payments', 'void', voided, '{}'),
    key('user:admin/transferReverse', 'reversal', reversal, legs(friend, wallet, 30, 'REVERSAL')),
    key(`user:${owner}/transferCreate`, 'refused', refused, legs(wallet, friend, 500, 'TRANSFER'), insufficient),
    told(input, { __typename: 'TransferCreated', transferId: moved }),
    told(unknown, { __typename: 'RecipientNotFound', code: 'RECIPIENT_NOT_FOUND' }),
  ];
}
