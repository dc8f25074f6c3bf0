import { describe, expect, test } from '@jest/globals';
import { createIntents } from './intents.ts';
import { memoryStorage } from './storage.ts';

describe('intents', () => {
  test('keys are random UUIDs', async () => {
    const intents = createIntents(memoryStorage());
    const keys = await Promise.all(Array.from({ length: 50 }, () => intents.keyOf(undefined)));
    expect(new Set(keys).size).toBe(50);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('a storage that fails does not block the intent for ever', async () => {
    let isBroken = true;
    const { setItem, ...rest } = memoryStorage();
    const intents = createIntents({
      ...rest,
      setItem: (key, value) => {
        if (isBroken) throw new Error('quota');
        return setItem(key, value);
      },
    });
    await expect(intents.keyOf('pay')).rejects.toThrow('quota');
    isBroken = false;
    await expect(intents.keyOf('pay')).resolves.toMatch(/-/);
  });
});
