import { InvariantViolation } from '@tessera/service-kit/errors';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import type { Tender } from '../payment/payment.ts';
import type { RefundEntity } from '../refund/refund.entity.ts';
import { cardProvider } from './card/card-provider.ts';
import type { PaymentProvider } from './payment-provider.ts';
import { walletProvider } from './wallet/wallet-provider.ts';

const PROVIDERS: Readonly<Partial<Record<Tender, PaymentProvider>>> = { WALLET: walletProvider, CARD: cardProvider };

export function providerOf(tender: Tender): PaymentProvider {
  const provider = PROVIDERS[tender];
  if (!provider) throw new InvariantViolation(`There is no provider for ${tender}`);
  return provider;
}

/** Money goes back to a wallet through the ledger, whoever took it; else the way it came. */
export function refundProviderOf({ tender }: PaymentEntity, { destination, strayAttemptId }: RefundEntity): PaymentProvider {
  if (strayAttemptId) return cardProvider; // however the payment was paid in the end
  return destination === 'WALLET' ? walletProvider : providerOf(tender);
}
