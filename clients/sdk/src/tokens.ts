import type { ClientStorage } from './storage.ts';

/** A session as the platform opened it; with cookies both tokens are empty strings. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** RFC 3339: when the access token ends. */
  readonly expiresAt: string;
}

/** Where a session lives; several clients (tabs) may share one. */
export interface TokenStore {
  read(): SessionTokens | null | Promise<SessionTokens | null>;
  write(tokens: SessionTokens | null): void | Promise<void>;
}

const KEY = 'tessera:session';

export function storedTokens(storage: ClientStorage): TokenStore {
  return {
    read: async () => {
      const text = await storage.getItem(KEY);
      return text ? parseTokens(text) : null;
    },
    write: (tokens) => (tokens ? storage.setItem(KEY, JSON.stringify(tokens)) : storage.removeItem(KEY)),
  };
}

/** Null for what is not a session: a storage may hold anything. */
function parseTokens(text: string): SessionTokens | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return null;
    const { accessToken, refreshToken, expiresAt } = parsed as Record<string, unknown>; // an object, as was just checked
    if (typeof accessToken !== 'string' || typeof refreshToken !== 'string' || typeof expiresAt !== 'string') return null;
    return { accessToken, refreshToken, expiresAt };
  } catch {
    return null;
  }
}
