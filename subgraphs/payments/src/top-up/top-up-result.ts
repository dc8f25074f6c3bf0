import { mutationResult } from '@tessera/service-kit/graphql';
import { CardsNotAvailable, CurrencyMismatch } from '../payment/payment-problems.ts';
import { AccountClosed, AmountNotChargeable, TopUpCreated, WalletNotFound } from './top-up.type.ts';

export const TopUpCreateResult = mutationResult(
  'TopUpCreateResult',
  TopUpCreated,
  WalletNotFound,
  AccountClosed,
  CurrencyMismatch,
  AmountNotChargeable,
  CardsNotAvailable,
);
