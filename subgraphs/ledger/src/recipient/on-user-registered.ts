import type { CurrencyCode } from '@tessera/schema/contract';
import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { ensureDefaultWallet } from '../wallet/wallet-ensure.ts';
import { saveRecipient } from './recipient-save.ts';

/** A new user can receive money at once: a directory entry, and a wallet in the currency of the house. */
export function onUserRegistered(currency: CurrencyCode) {
  return async (event: ReceivedEvent<'UserRegistered'>, unit: UnitOfWork): Promise<void> => {
    await saveRecipient(unit.em, event.payload, event.sequence);
    await ensureDefaultWallet(event.payload.userId, currency, unit);
  };
}
