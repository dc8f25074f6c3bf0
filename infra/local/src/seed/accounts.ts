/** Of the local stack only: services refuse it in production because their stores hold no such accounts. */
export const SEED_PASSWORD = 'correct-horse-tessera';

export interface SeedAccount {
  readonly email: string;
  readonly handle: string;
  readonly displayName: string;
  readonly roles: readonly ('CUSTOMER' | 'VENDOR' | 'ADMIN')[];
  /** Opening money in minor units, by currency. */
  readonly funds: Readonly<Record<string, bigint>>;
}

export const SEED_ACCOUNTS = [
  {
    email: 'buyer@tessera.example',
    handle: 'buyer',
    displayName: 'Bea Buyer',
    roles: ['CUSTOMER'],
    funds: { USD: 250_000n, EUR: 100_000n },
  },
  { email: 'friend@tessera.example', handle: 'friend', displayName: 'Fritz Friend', roles: ['CUSTOMER'], funds: { USD: 5_000n } },
  { email: 'vendor@tessera.example', handle: 'northwind', displayName: 'Northwind Outfitters', roles: ['CUSTOMER', 'VENDOR'], funds: {} },
  { email: 'vendor2@tessera.example', handle: 'bitmill', displayName: 'Bitmill Software', roles: ['CUSTOMER', 'VENDOR'], funds: {} },
  { email: 'vendor3@tessera.example', handle: 'homestead', displayName: 'Homestead & Table', roles: ['CUSTOMER', 'VENDOR'], funds: {} },
  { email: 'admin@tessera.example', handle: 'admin', displayName: 'Ada Admin', roles: ['CUSTOMER', 'ADMIN'], funds: {} },
] as const satisfies readonly SeedAccount[];
