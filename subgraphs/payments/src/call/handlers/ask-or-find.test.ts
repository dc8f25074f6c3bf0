import { describe, expect, it } from '@jest/globals';
import { ProviderError } from '../../provider/provider-error.ts';
import { askOrFind } from './ask-or-find.ts';

const failing = (reason: string) => async (): Promise<string> => {
  throw new ProviderError('UNKNOWN', reason);
};

const call = { id: 'key', failures: 0 };

describe('asking a provider', () => {
  it('goes out under the key of the call', async () => {
    expect(await askOrFind(call, false, { ask: async (key) => `asked ${key}`, find: failing('NEVER') })).toBe('asked key');
  });

  it('looks first where the provider may have forgotten the key', async () => {
    expect(await askOrFind(call, true, { ask: failing('NEVER'), find: async () => 'found' })).toBe('found');
    expect(await askOrFind(call, true, { ask: async (key) => `asked ${key}`, find: async () => null })).toBe('asked key');
  });

  it.each(['FAILURE_KEPT', 'KEY_USED_DIFFERENTLY'])(
    'looks where the key is spent by %s, and asks under another one only when there is nothing',
    async (reason) => {
      const ask = async (key: string) => (key === 'key' ? failing(reason)() : `asked ${key}`);
      expect(await askOrFind(call, false, { ask, find: async () => 'found' })).toBe('found');
      expect(await askOrFind(call, false, { ask, find: async () => null })).toBe('asked key:1');
    },
  );

  it('leaves every other failure to whoever asks again', async () => {
    await expect(askOrFind(call, false, { ask: failing('TIMEOUT'), find: failing('NEVER') })).rejects.toMatchObject({ reason: 'TIMEOUT' });
  });
});
