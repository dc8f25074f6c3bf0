import { mutationResult } from '@tessera/service-kit/graphql';
import { CurrencyMismatch } from '../refund/refund-create.type.ts';
import { AccountClosed, AmountNotChargeable, CardsNotAvailable, TopUpCreated, WalletNotFound } from './top-up.type.ts';

export const TopUpCreateResult = mutationResult(
  'TopUpCreateResult',
  TopUpCreated,
  WalletNotFound,
  AccountClosed,
  CurrencyMismatch,
  AmountNotChargeable,
  CardsNotAvailable,
);
