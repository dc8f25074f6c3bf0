import { CURRENCIES, type CurrencyCode, isCurrencyCode } from '@tessera/schema/contract';
import { type Config, commonConfig, databaseUrl, httpUrl, integer, secret, variable } from '@tessera/service-kit/config';
import { z } from 'zod';

const currency = z.custom<CurrencyCode>(isCurrencyCode, `one of ${Object.keys(CURRENCIES).join(', ')}`);

export const ledgerConfig = {
  ...commonConfig('LEDGER'),
  /** Currency of the wallet that every new user gets. */
  defaultCurrency: variable('LEDGER_DEFAULT_CURRENCY', currency.default('USD')),
  /** Shared with users: makes the keyed hash under which an e-mail address is found without being stored. */
  directorySecret: variable('DIRECTORY_SECRET', secret()),
  /** The gateway as clients reach it: links to downloads begin with it. */
  publicUrl: variable('PUBLIC_URL', httpUrl().optional()),
  /** A streaming replica of the database: what is only looked up may be read there. */
  readDatabaseUrl: variable('LEDGER_READ_DATABASE_URL', databaseUrl().optional()),
  /** Transactions of the engine at a time; each has a connection of its own. */
  engineLanes: variable('LEDGER_ENGINE_LANES', integer(1, 16).optional()),
  /** Requests that one transaction of the engine takes at most. */
  engineBatchSize: variable('LEDGER_ENGINE_BATCH_SIZE', integer(1, 10_000).optional()),
  /** Requests that may wait for a lane; past it the ledger answers that it is busy. */
  engineQueueLimit: variable('LEDGER_ENGINE_QUEUE_LIMIT', integer(1, 1_000_000).optional()),
};

export type LedgerConfig = Config<typeof ledgerConfig>;
