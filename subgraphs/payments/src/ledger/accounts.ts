import type { CurrencyCode } from '@tessera/schema/contract';
import type { ProviderName } from '../provider/provider-name.ts';

/** Addresses of the ledger's accounts that money of payments moves over. */

export function escrowOf(currency: CurrencyCode): string {
  return `system:escrow:${currency}`;
}

export function feesOf(currency: CurrencyCode): string {
  return `system:fees:${currency}`;
}

export function payableOf(vendorId: string, currency: CurrencyCode): string {
  return `payable:${vendorId}:${currency}`;
}

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
export function referenceOf({ id, orderId }: { readonly id: string; readonly orderId?: string | null | undefined }) {
  return { paymentId: id, orderId: orderId ?? null };
}
