import type { EventPayload } from '@tessera/schema/contract';
import { networkOf } from '@tessera/service-kit/crypto';
import type { ActServices } from '../services.ts';
import type { PostalAddressFacts } from './postal-address.ts';

/** What tells payments one purchase from another, without naming a person or a place. */
export function riskOf(
  { recognise }: Pick<ActServices, 'recognise'>,
  clientAddress: string | null,
  shippingAddress: PostalAddressFacts | null,
): EventPayload<'PaymentRequested'>['risk'] {
  return {
    addressKey: clientAddress === null ? null : recognise('client-address', networkOf(clientAddress)),
    shippingKey: shippingAddress && recognise('postal-address', normalisedAddress(shippingAddress)),
    shippingCountry: shippingAddress?.country ?? null,
  };
}

/** The place alone, however it was typed: another name or telephone at the same door is the same place. */
export function normalisedAddress({ line1, line2, city, region, postalCode, country }: PostalAddressFacts): string {
  return [line1, line2, city, region, postalCode, country]
    .map((part) => (part ?? '').normalize('NFC').trim().replace(/\s+/gu, ' ').toLowerCase())
    .join('\n');
}
