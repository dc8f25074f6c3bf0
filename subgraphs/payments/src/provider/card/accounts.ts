import type { CurrencyCode } from '@tessera/schema/contract';
import type { PaymentEntity } from '../../payment/payment.entity.ts';
import type { ProviderName } from '../provider-name.ts';

/** What the provider owes the platform. */
export function clearingOf(provider: ProviderName, currency: CurrencyCode): string {
  return `system:clearing.${provider.toLowerCase()}:${currency}`;
}

export function expensesOf(currency: CurrencyCode): string {
  return `system:expenses:${currency}`;
}

export function disputesOf(currency: CurrencyCode): string {
  return `system:disputes:${currency}`;
}

/** What a command to the ledger says that it belongs to. */
export function referenceOf({ id, orderId }: PaymentEntity) {
  return { paymentId: id, orderId: orderId ?? null };
}
