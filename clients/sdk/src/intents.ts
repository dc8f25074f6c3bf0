import type { ClientStorage } from './storage.ts';

const PREFIX = 'tessera:intent:';
const KEY_BYTES = 16;

export interface Intents {
  /**
   * The key of a named intent: the same until `done`, also for a second call at the same time and, with a storage that lasts, after a reload.
   * Without a name, a new key.
   */
  keyOf(intent: string | undefined): Promise<string>;
  /** The platform has decided: the next call under this name is a new intent. */
  done(intent: string | undefined): Promise<void>;
}

/** One idempotency key per thing that a person wants done once. */
export function createIntents(storage: ClientStorage, newKey: () => string = randomKey): Intents {
  const known = new Map<string, Promise<string>>();

  const recallOrCreate = async (intent: string): Promise<string> => {
    const stored = await storage.getItem(PREFIX + intent);
    if (stored) return stored;
    const key = newKey();
    await storage.setItem(PREFIX + intent, key);
    return key;
  };

  return {
    keyOf: (intent) => {
      if (intent === undefined) return Promise.resolve(newKey());
      const recalled = known.get(intent) ?? recallOrCreate(intent);
      known.set(intent, recalled);
      recalled.catch(() => known.delete(intent));
      return recalled;
    },
    done: async (intent) => {
      if (intent === undefined) return;
      known.delete(intent);
      await storage.removeItem(PREFIX + intent);
    },
  };
}

/** A random UUID; `crypto.randomUUID` is missing on pages that came over plain HTTP. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
