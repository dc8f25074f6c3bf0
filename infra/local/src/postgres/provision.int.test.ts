import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { query } from '../query.ts';
import { startTestStores, type TestStores } from '../test-stores.ts';
import { type ProvisionedDatabase, provisionDatabase, provisionReader } from './provision.ts';

const DENIED = { code: '42501' };
let stores: TestStores;
let shop: ProvisionedDatabase;
let bank: ProvisionedDatabase;

beforeAll(async () => {
  stores = await startTestStores();
  shop = await provisionDatabase(stores.adminUrl, 'shop');
  bank = await provisionDatabase(stores.adminUrl, 'bank');
  await query(bank.url, 'CREATE TABLE balances AS SELECT 100 AS amount_minor');
});
afterAll(() => stores?.close());

describe('a service role', () => {
  test('owns what it creates in its own database', async () => {
    await query(shop.url, 'CREATE TABLE orders (id int)');
    await query(shop.url, 'CREATE SCHEMA archive');
    await query(shop.url, 'CREATE EXTENSION pg_trgm');

    expect(await query(shop.url, 'SELECT count(*)::int FROM orders')).toEqual([{ count: 0 }]);
  });

  test.each(['bank', 'postgres', 'template1'])('cannot connect to %s', async (other) => {
    await expect(query(shop.url.replace(/shop$/, other), 'SELECT 1')).rejects.toMatchObject(DENIED);
  });

  test('cannot let others in, make roles or databases', async () => {
    await query(shop.url, 'GRANT CONNECT ON DATABASE shop TO bank'); // Without the right to grant this is only a warning.
    await expect(query(bank.url.replace(/bank$/, 'shop'), 'SELECT 1')).rejects.toMatchObject(DENIED);
    await expect(query(shop.url, 'CREATE ROLE thief LOGIN')).rejects.toMatchObject(DENIED);
    await expect(query(shop.url, 'CREATE DATABASE hideout')).rejects.toMatchObject(DENIED);
  });

  test('needs its password', async () => {
    await expect(query(shop.url.replace(shop.password, 'wrong'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });
});

describe('the reading role', () => {
  let urls: Record<'shop' | 'bank', string>;
  beforeAll(async () => {
    urls = await provisionReader(stores.adminUrl, 'auditor', 'secret', ['shop', 'bank']);
  });

  test('reads tables from before and after its making, in every schema made since', async () => {
    await query(bank.url, 'CREATE SCHEMA books');
    await query(bank.url, 'CREATE TABLE books.entries AS SELECT 7 AS amount_minor');

    expect(await query(urls.bank, 'SELECT amount_minor FROM balances')).toEqual([{ amount_minor: 100 }]);
    expect(await query(urls.bank, 'SELECT amount_minor FROM books.entries')).toEqual([{ amount_minor: 7 }]);
    expect(await query(urls.shop, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test.each([
    'UPDATE balances SET amount_minor = 0',
    'DELETE FROM balances',
    'INSERT INTO balances VALUES (1)',
    'CREATE TABLE mine (id int)',
    'TRUNCATE balances',
  ])('cannot write even in a transaction that allows it: %s', async (sql) => {
    await expect(query(urls.bank, sql)).rejects.toMatchObject({ code: '25006' });
    await expect(query(urls.bank, `SET default_transaction_read_only = off; BEGIN READ WRITE; ${sql}`)).rejects.toMatchObject(DENIED);
  });
});

test('provisions the same name again without losing data, with the new password', async () => {
  const again = await provisionDatabase(stores.adminUrl, 'bank', 'other');

  expect(await query(again.url, 'SELECT amount_minor FROM balances')).toEqual([{ amount_minor: 100 }]);
  await expect(query(bank.url, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
});

test('provisions one name from two sides at once', async () => {
  const both = await Promise.all([
    provisionDatabase(stores.adminUrl, 'twice', 'same'),
    provisionDatabase(stores.adminUrl, 'twice', 'same'),
  ]);

  expect(both[0]).toEqual(both[1]);
  expect(await query(both[0].url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test.each(['Shop', '1st', 'a-b', 'a"; DROP DATABASE shop; --', ''])('refuses the name %j', async (name) => {
  await expect(provisionDatabase(stores.adminUrl, name)).rejects.toMatchObject({ code: 'POSTGRES_NAME_INVALID' });
});
