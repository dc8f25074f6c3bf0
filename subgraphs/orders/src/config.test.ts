import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ordersConfig } from './config.ts';

describe('the settings of orders', () => {
  const key = randomBytes(32).toString('base64');
  const { encryptionKeys, flatShipping } = ordersConfig;

  it('seal with the last encryption key and keep the others to open', () => {
    expect(encryptionKeys.schema.parse(JSON.stringify({ k1: key, k2: key }))).toEqual({ keys: { k1: key, k2: key }, current: 'k2' });
  });

  it.each(['', '{}', '[]', 'k1', '{"k1":"short"}', `{"k 1":"${key}"}`])('refuse encryption keys %s without repeating them', (text) => {
    const { error } = encryptionKeys.schema.safeParse(text);
    expect(error?.issues[0]?.message).toBe('a JSON object of key ids with keys of 32 bytes as base64');
  });

  it('take shipping per currency', () => {
    expect(flatShipping.schema.parse('{"USD":"250"}')).toEqual({ USD: 250n });
    expect(flatShipping.schema.safeParse('{"XXX":"250"}').success).toBe(false);
    expect(flatShipping.schema.safeParse('{"USD":"-1"}').success).toBe(false);
  });
});
