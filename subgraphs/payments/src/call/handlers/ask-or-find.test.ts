import { describe, expect, it } from '@jest/globals';
import { ProviderError } from '../../provider/provider-error.ts';
import { askOrFind } from './ask-or-find.ts';

const failing = (reason: string) => async (): Promise<string> => {
  throw new ProviderError('UNKNOWN', reason);
};

describe('asking a provider', () => {
  it('goes out under the key of the call', async () => {
    expect(await askOrFind('key', false, { ask: async (key) => `asked ${key}`, find: failing('NEVER') })).toBe('asked key');
  });

  it('looks first where the provider may have forgotten the key', async () => {
    expect(await askOrFind('key', true, { ask: failing('NEVER'), find: async () => 'found' })).toBe('found');
    expect(await askOrFind('key', true, { ask: async (key) => `asked ${key}`, find: async () => null })).toBe('asked key');
  });

  it('looks after a failure that the provider keeps under the key, and asks under another one only when there is nothing', async () => {
    const ask = async (key: string) => (key === 'key' ? failing('FAILURE_KEPT')() : `asked ${key}`);
    expect(await askOrFind('key', false, { ask, find: async () => 'found' })).toBe('found');
    expect(await askOrFind('key', false, { ask, find: async () => null })).toBe('asked key:again');
  });

  it('leaves every other failure to whoever asks again', async () => {
    await expect(askOrFind('key', false, { ask: failing('TIMEOUT'), find: failing('NEVER') })).rejects.toMatchObject({ reason: 'TIMEOUT' });
  });
});
