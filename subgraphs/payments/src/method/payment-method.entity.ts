import { defineEntity, p } from '@mikro-orm/core';
import type { ProviderName } from '../provider/provider-name.ts';

export type PaymentMethodState = 'SETTING_UP' | 'ACTIVE' | 'REMOVING' | 'REMOVED' | 'FAILED';

const paymentMethodSchema = defineEntity({
  name: 'PaymentMethod',
  tableName: 'payment_methods',
  properties: {
    id: p.string().primary(),
    userId: p.string(),
    provider: p.string().$type<ProviderName>(),
    state: p.string().$type<PaymentMethodState>(),
    /** The provider's page on which the card is entered. */
    sessionId: p.string().nullable(),
    clientUrl: p.string().nullable(),
    providerCustomerId: p.string().nullable(),
    providerMethodId: p.string().nullable(),
    brand: p.string().nullable(),
    last4: p.string().nullable(),
    expiresYear: p.integer().nullable(),
    expiresMonth: p.integer().nullable(),
    fingerprint: p.string().nullable(),
    country: p.string().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** A card that the customer keeps at the provider. */
export class PaymentMethodEntity extends paymentMethodSchema.class {}
paymentMethodSchema.setClass(PaymentMethodEntity);
