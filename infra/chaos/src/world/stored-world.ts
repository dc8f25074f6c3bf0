import type { Layout } from '@tessera/local';
import type { Inhabitants } from './seed-world.ts';

export interface StoresOrder {
  readonly layout: Layout;
  readonly buyers: number;
}

/** In the data directory, readable by its owner only. */
export const WORLD_FILE = 'world.json';

export interface StoredWorld {
  /** Connection string per service, as its own role; the other ones can only read. */
  readonly databases: Readonly<Record<string, string>>;
  readonly verifyUrls: Readonly<Record<'users' | 'catalog' | 'orders' | 'payments' | 'ledger', string>>;
  readonly redisUrl: string;
  readonly smtpUrl: string;
  readonly inhabitants: Inhabitants;
}
