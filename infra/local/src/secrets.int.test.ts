import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openSecrets } from './secrets.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

test('creates every secret once, readable by the owner only', () => {
  const file = join(folder.path, 'secrets.json');
  const first = openSecrets(file);

  expect(openSecrets(file)).toEqual(first);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder.path)).toEqual(['secrets.json']);
  for (const name of ['USERS', 'CATALOG', 'ORDERS', 'PAYMENTS', 'LEDGER', 'GATEWAY', 'EVENTS']) {
    expect(Buffer.from(first.environment[`${name}_SECRET`] ?? '', 'base64url')).toHaveLength(32);
  }
  const { k1 } = JSON.parse(first.environment.ORDERS_ENCRYPTION_KEYS ?? '{}') as { k1: string };
  expect(Buffer.from(k1, 'base64')).toHaveLength(32);
  expect(new Set(Object.values(first.passwords)).size).toBe(9);
  expect(first.passwords.stripeWebhook).toMatch(/^whsec_[\w-]{43}$/);
});

test('makes an identity key pair whose halves belong together', () => {
  const { environment } = openSecrets(join(folder.path, 'secrets.json'));
  const privateJwk = JSON.parse(environment.IDENTITY_PRIVATE_KEY ?? '{}');
  const { keys } = JSON.parse(environment.IDENTITY_PUBLIC_KEYS ?? '{}');
  const text = Buffer.from('who asks');
  const signature = sign(null, text, createPrivateKey({ key: privateJwk, format: 'jwk' }));

  expect(keys).toHaveLength(1);
  expect(keys[0]).toMatchObject({ kid: privateJwk.kid, alg: 'EdDSA', crv: 'Ed25519' });
  expect(keys[0]).not.toHaveProperty('d');
  expect(verify(null, text, createPublicKey({ key: keys[0], format: 'jwk' }), signature)).toBe(true);
});

test('adds what an older file lacks and keeps the rest', () => {
  const file = join(folder.path, 'secrets.json');
  const first = openSecrets(file);
  const { EVENTS_SECRET: _, ...older } = first.environment;
  writeFileSync(file, JSON.stringify({ version: 1, environment: older, passwords: first.passwords }));
  const second = openSecrets(file);

  expect(second.environment).toMatchObject(older);
  expect(second.environment.EVENTS_SECRET).toBeTruthy();
  expect(JSON.parse(readFileSync(file, 'utf8')).environment).toEqual(second.environment);
});

test('replaces half a key pair as a whole', () => {
  const file = join(folder.path, 'secrets.json');
  const first = openSecrets(file);
  const { IDENTITY_PUBLIC_KEYS: _, ...half } = first.environment;
  writeFileSync(file, JSON.stringify({ version: 1, environment: half, passwords: first.passwords }));
  const second = openSecrets(file);

  expect(JSON.parse(second.environment.IDENTITY_PUBLIC_KEYS ?? '{}').keys[0].x).toBe(
    JSON.parse(second.environment.IDENTITY_PRIVATE_KEY ?? '{}').x,
  );
  expect(openSecrets(file)).toEqual(second);
});

test('refuses a damaged file instead of replacing its keys', () => {
  const file = join(folder.path, 'secrets.json');
  writeFileSync(file, '{"environment":');

  expect(() => openSecrets(file)).toThrow(expect.objectContaining({ code: 'SECRETS_UNREADABLE' }));
  expect(readFileSync(file, 'utf8')).toBe('{"environment":');
});

test('closes a file that others could read', () => {
  const file = join(folder.path, 'secrets.json');
  openSecrets(file);
  chmodSync(file, 0o644);
  openSecrets(file);

  expect(statSync(file).mode & 0o777).toBe(0o600);
});
