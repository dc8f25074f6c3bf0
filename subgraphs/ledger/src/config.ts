import { CURRENCIES, type CurrencyCode, isCurrencyCode } from '@tessera/schema/contract';
import { type Config, commonConfig, secret, variable } from '@tessera/service-kit/config';
import { z } from 'zod';

const currency = z.custom<CurrencyCode>(isCurrencyCode, `one of ${Object.keys(CURRENCIES).join(', ')}`);

export const ledgerConfig = {
  ...commonConfig('LEDGER'),
  /** Currency of the wallet that every new user gets. */
  defaultCurrency: variable('LEDGER_DEFAULT_CURRENCY', currency.default('USD')),
  /** Shared with users: makes the keyed hash under which an e-mail address is found without being stored. */
  directorySecret: variable('DIRECTORY_SECRET', secret()),
};

export type LedgerConfig = Config<typeof ledgerConfig>;
