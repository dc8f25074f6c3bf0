import { afterAll, beforeAll, it, expect } from '@jest/globals';
import pg from 'pg';
import { actAs, startTestSubgraph, commonTestConfig, type TestSubgraph } from '../testing/index.ts';
import { createOrm, rawSql, runMigrations } from '../persistence/index.ts';
import { Migration } from '@mikro-orm/migrations';
import { type CounterServices, createCounterSubgraph } from './test/counter-subgraph.ts';
let s: TestSubgraph<CounterServices>;
beforeAll(async () => { s = await startTestSubgraph('kit', createCounterSubgraph, {}, { version: 'counters-1', isStarted: false }); });
afterAll(() => s.close());
const show = (x: unknown) => process.stderr.write(`${JSON.stringify(x)}\n`);
const E = 'query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Counter { value } } }';
it('entities', async () => {
  const v = actAs.user();
  for (const r of [[5], [null], [{}], [{ __typename: 'Nope' }], [{ __typename: 5 }], [{ __typename: 'Counter' }], [{ __typename: 'Counter', id: { $gt: '' } }], [{ __typename: 'Counter', id: [v.userId] }], [{ __typename: 'Counter', id: 'a\u0000b' }], [{ __typename: 'Money' }], [{ __typename: 'Query' }], [{ __typename: 'CounterAdded', counterId: v.userId }], [{ __typename: 'Problem' }], JSON.parse('[{"__typename":"Counter","id":"x","__proto__":{"a":1}}]'), [{ __typename: '__proto__' }], [{ __typename: 'constructor' }]])
    show([r, await s.ask(v, E, { r })]);
  const t = performance.now();
  const big = await s.ask(v, E, { r: Array.from({ length: 20000 }, (_, i) => ({ __typename: 'Counter', id: `${i}` })) });
  show(['huge', (big.data?._entities as unknown[])?.length, performance.now() - t]);
  show(['literal', await s.ask(v, `{ _entities(representations: [{__typename: "Counter", id: "x"}]) { __typename } }`)]);
});
it('proto', async () => {
  const v = actAs.user();
  show(await s.ask(v, 'mutation { __proto__: counterAdd(input: {amount: 1}) { __typename } constructor: counterAdd(input: {amount: 1}) { __typename } }', {}, { key: 'k' }));
  show(await s.ask(v, 'query($__proto__: String!, $constructor: String!) { a: echo(text: $__proto__) b: echo(text: $constructor) }', JSON.parse('{"__proto__":"x","constructor":"y"}')));
  show(await s.ask(v, 'query($n: String = "a") { echo(text: $n) }', { n: null }));
  show(await s.ask(v, 'mutation($__proto__: CounterAddInput!) { counterAdd(input: $__proto__) { __typename } }', JSON.parse('{"__proto__":{"amount":3}}'), { key: 'z' }));
});
it('orm options', async () => {
  const url = new URL(s.config.databaseUrl);
  url.searchParams.set('sslmode', 'require');
  const orm = createOrm({ databaseUrl: url.href, entities: [], migrations: [] });
  show(await rawSql(orm.em.fork(), `select current_setting('statement_timeout') s, current_setting('lock_timeout') l, current_setting('idle_in_transaction_session_timeout') i, (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as ssl`).catch((e) => String(e)));
  const c = new pg.Client({ connectionString: url.href });
  show(await c.connect().then(() => 'connected', String));
  await orm.close();
});
it('slow migration', async () => {
  class Slow extends Migration { override up() { this.addSql('select pg_sleep(3.5)'); } }
  const orm = createOrm({ databaseUrl: s.config.databaseUrl, entities: [], migrations: [{ name: 'zz-slow', class: Slow }] });
  show(await runMigrations(orm).then(() => 'ok', String));
  await orm.close();
}, 20000);
it('pool exhaustion', async () => {
  const orm = createOrm({ databaseUrl: s.config.databaseUrl, entities: [], migrations: [], poolSize: 1, statementTimeoutMs: 20000 });
  const hold = rawSql(orm.em.fork(), 'select pg_sleep(5)').catch(String);
  const t = performance.now();
  show([await rawSql(orm.em.fork(), 'select 1').catch(String), performance.now() - t]);
  await hold; await orm.close();
}, 20000);
it('terminated', async () => {
  const orm = createOrm({ databaseUrl: s.config.databaseUrl, entities: [], migrations: [] });
  await rawSql(orm.em.fork(), 'select 1');
  const c = new pg.Client({ connectionString: s.config.databaseUrl });
  await c.connect();
  await c.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
  await new Promise((r) => setTimeout(r, 200));
  show(await rawSql(orm.em.fork(), 'select 1 as one').catch(String));
  const err = await orm.em.fork().transactional(async (em) => { await rawSql(em, 'select 1'); await c.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'); await new Promise((r) => setTimeout(r, 100)); await rawSql(em, 'select 2'); }).catch((e) => [String(e), e.code, e.constructor.name]);
  show(err);
  const err2 = await orm.em.fork().transactional(async (em) => { const p = rawSql(em, 'select pg_sleep(1)'); await new Promise((r) => setTimeout(r, 100)); await c.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'); await p; }).catch((e) => [String(e), e.code, e.constructor.name]);
  show(err2);
  const err3 = await orm.em.fork().transactional(async (em) => { await rawSql(em, `set local idle_in_transaction_session_timeout = '100ms'`); await new Promise((r) => setTimeout(r, 400)); await rawSql(em, 'select 2'); }).catch((e) => [String(e), e.code, e.constructor.name]);
  show(err3);
  show(await rawSql(orm.em.fork(), 'select 1 as one').catch(String));
  const off = createOrm({ databaseUrl: 'postgres://x@127.0.0.1:1/x', entities: [], migrations: [] });
  show(await rawSql(off.em.fork(), 'select 1').catch((e) => [String(e), e.code]));
  show(await off.em.fork().transactional(async () => 1).catch((e) => [String(e), e.code]));
  const dns = createOrm({ databaseUrl: 'postgres://x@nowhere.invalid:1/x', entities: [], migrations: [] });
  show(await rawSql(dns.em.fork(), 'select 1').catch((e) => [String(e), e.code]));
  await c.end(); await orm.close(); await off.close(); await dns.close();
}, 20000);
