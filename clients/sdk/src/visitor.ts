import type { ClientStorage } from './storage.ts';

const KEY = 'tessera:visitor';

/** Who an anonymous caller is: their carts and idempotency keys belong to this id, which the platform signs. */
export interface VisitorMemory {
  token(): Promise<string | null>;
  /** @param token the header `Tessera-Visitor` of an answer */
  note(token: string | null): Promise<void>;
}

export function createVisitorMemory(storage: ClientStorage): VisitorMemory {
  let known: string | null = null;
  return {
    token: async () => {
      known ??= await storage.getItem(KEY);
      return known;
    },
    note: async (token) => {
      if (!token || token === known) return;
      known = token;
      await storage.setItem(KEY, token);
    },
  };
}
