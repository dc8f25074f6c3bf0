import { CreateAccounts } from './ledger-0001-accounts.ts';
import { CreateTransfers } from './ledger-0002-transfers.ts';
import { CreateRecipients } from './ledger-0003-recipients.ts';
import { StoreForEngine } from './ledger-0004-engine.ts';
import { CreateUserLimits } from './ledger-0006-user-limits.ts';
import { CreateSchedules } from './ledger-0007-schedules.ts';
import { StoreForReading } from './ledger-0008-reading.ts';
import { ProveEverything } from './ledger-0009-proof.ts';
import { TellByReference } from './ledger-0010-told.ts';
import { LetHoldsRest } from './ledger-0011-resting-holds.ts';
import { CountWhatIsSentToOthers } from './ledger-0012-counted-limits.ts';
import { TellPacks } from './ledger-0013-tell-packs.ts';
import { PacksAsTheyAre } from './ledger-0014-packs-as-they-are.ts';
import { RememberAccounts } from './ledger-0015-known-accounts.ts';
import { CheckCurrencies } from './ledger-0016-currencies-checked.ts';

/** Append-only, in order. */
export const migrations = [
  { name: 'ledger-0001-accounts', class: CreateAccounts },
  { name: 'ledger-0002-transfers', class: CreateTransfers },
  { name: 'ledger-0003-recipients', class: CreateRecipients },
  { name: 'ledger-0004-engine', class: StoreForEngine },
  { name: 'ledger-0006-user-limits', class: CreateUserLimits },
  { name: 'ledger-0007-schedules', class: CreateSchedules },
  { name: 'ledger-0008-reading', class: StoreForReading },
  { name: 'ledger-0009-proof', class: ProveEverything },
  { name: 'ledger-0010-told', class: TellByReference },
  { name: 'ledger-0011-resting-holds', class: LetHoldsRest },
  { name: 'ledger-0012-counted-limits', class: CountWhatIsSentToOthers },
  { name: 'ledger-0013-tell-packs', class: TellPacks },
  { name: 'ledger-0014-packs-as-they-are', class: PacksAsTheyAre },
  { name: 'ledger-0015-known-accounts', class: RememberAccounts },
  { name: 'ledger-0016-currencies-checked', class: CheckCurrencies },
];
