import { ProviderError } from '../../provider/provider-error.ts';

export interface Question<Report> {
  readonly ask: (key: string) => Promise<Report>;
  /** By our own id of it; null when there certainly is nothing. */
  readonly find: () => Promise<Report | null>;
}

/**
 * Asks under the key of the call. Where the key is of no use, because the provider may have forgotten it or has kept a failure of its own under
 * it, the object is looked for first; only when there is none it is asked for, in the second case under a key of its own.
 */
export async function askOrFind<Report>(key: string, isKeyStale: boolean, { ask, find }: Question<Report>): Promise<Report> {
  if (isKeyStale) return (await find()) ?? ask(key);
  try {
    return await ask(key);
  } catch (error) {
    if (!(error instanceof ProviderError) || error.reason !== 'FAILURE_KEPT') throw error;
    return (await find()) ?? ask(`${key}:again`);
  }
}
