import { ProviderError } from '../../provider/provider-error.ts';
import type { ProviderCallEntity } from '../provider-call.entity.ts';

export interface Question<Report> {
  readonly ask: (key: string) => Promise<Report>;
  /** By our own id of it; null when there certainly is nothing. */
  readonly find: () => Promise<Report | null>;
}

/** The key is of no use any more: the provider keeps a failure of its own under it, or something that was asked in other words. */
const SPENT_KEYS: ReadonlySet<string> = new Set(['FAILURE_KEPT', 'KEY_USED_DIFFERENTLY']);

/**
 * Asks under the key of the call. Where the key is of no use, because the provider may have forgotten it or it is spent, the object is looked for
 * first; only when there is none it is asked for, in the second case under a key of its own.
 */
export async function askOrFind<Report>(
  { id: key, failures }: Pick<ProviderCallEntity, 'id' | 'failures'>,
  isKeyStale: boolean,
  { ask, find }: Question<Report>,
): Promise<Report> {
  if (isKeyStale) return (await find()) ?? ask(key);
  try {
    return await ask(key);
  } catch (error) {
    if (!(error instanceof ProviderError) || !SPENT_KEYS.has(error.reason)) throw error;
    return (await find()) ?? ask(`${key}:${failures + 1}`);
  }
}

/** For what may be done any number of times with one effect, such as closing a page: a key that is spent is simply left behind. */
export function repeatableKey({ id, failures }: Pick<ProviderCallEntity, 'id' | 'failures'>): string {
  return failures === 0 ? id : `${id}:${failures}`;
}
