import { CreateAccounts } from './ledger-0001-accounts.ts';
import { CreateTransfers } from './ledger-0002-transfers.ts';
import { CreateRecipients } from './ledger-0003-recipients.ts';
import { StoreForEngine } from './ledger-0004-engine.ts';
import { StoreForReading } from './ledger-0008-reading.ts';

/** Append-only, in order. */
export const migrations = [
  { name: 'ledger-0001-accounts', class: CreateAccounts },
  { name: 'ledger-0002-transfers', class: CreateTransfers },
  { name: 'ledger-0003-recipients', class: CreateRecipients },
  { name: 'ledger-0004-engine', class: StoreForEngine },
  { name: 'ledger-0008-reading', class: StoreForReading },
];
