import { CURRENCIES, type CurrencyCode, isCurrencyCode } from '@tessera/schema/contract';
import { type Config, commonConfig, databaseUrl, httpUrl, integer, secret, variable } from '@tessera/service-kit/config';
import { z } from 'zod';
import { defaultLimits } from './wallet/default-limits.ts';

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
  /** What users may send for whom nobody has set a limit. */
  defaultLimits: variable('LEDGER_DEFAULT_LIMITS', defaultLimits()),
  /** Transactions of the engine at a time; each has a connection of its own. */
  engineLanes: variable('LEDGER_ENGINE_LANES', integer(1, 16).optional()),
  /** Legs that one transaction of the engine takes at most, unless one request has more. */
  engineBatchSize: variable('LEDGER_ENGINE_BATCH_SIZE', integer(1, 10_000).optional()),
  /** Legs that may wait for a lane; past it the ledger answers that it is busy. A whole batch has to fit. */
  engineQueueLimit: variable('LEDGER_ENGINE_QUEUE_LIMIT', integer(1_000, 1_000_000).optional()),
  /** Ends the process at a named point, for tests: `ledger.engine.committed#3` is the third time. Refused in production. */
  crashAt: variable('CRASH_AT', z.string().optional()),
};

export type LedgerConfig = Config<typeof ledgerConfig>;
