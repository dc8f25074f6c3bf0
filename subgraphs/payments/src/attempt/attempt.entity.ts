import { defineEntity, p } from '@mikro-orm/core';
import type { CurrencyCode } from '@tessera/schema/contract';
import type { AttemptState, Tender } from '../payment/payment.ts';
import type { ClientAction, ProviderName } from '../provider/provider-name.ts';

const attemptSchema = defineEntity({
  name: 'PaymentAttempt',
  tableName: 'payment_attempts',
  properties: {
    id: p.string().primary(),
    paymentId: p.string(),
    number: p.integer(),
    tender: p.string().$type<Tender>(),
    walletId: p.string().nullable(),
    /** Who moves the money outside; null for a wallet. */
    provider: p.string().$type<ProviderName>().nullable(),
    clientMode: p.string().$type<ClientAction['kind']>(),
    /** A saved card to charge at once. */
    paymentMethodId: p.string().nullable(),
    /** The provider's ids of its page, its payment and the charge that succeeded. */
    sessionId: p.string().nullable(),
    intentId: p.string().nullable(),
    chargeId: p.string().nullable(),
    /** What the customer opens, or hands to the provider's script. */
    clientUrl: p.string().nullable(),
    clientSecret: p.string().nullable(),
    /** Why the last card was declined; the customer may take another one while the attempt is open. */
    lastDecline: p.string().nullable(),
    cardBrand: p.string().nullable(),
    cardLast4: p.string().nullable(),
    cardFingerprint: p.string().nullable(),
    cardCountry: p.string().nullable(),
    /** What the provider kept for itself; null while that is not known. */
    feeMinor: p.bigint().nullable(),
    /** Null: the currency of the payment. */
    feeCurrency: p.string().$type<CurrencyCode>().nullable(),
    /** The ledger's hold, once it is placed. */
    holdId: p.string().nullable(),
    state: p.string().$type<AttemptState>(),
    failureReason: p.string().nullable(),
    /** Until when the attempt waits for its wallet to become known. */
    waitsUntil: p.datetime().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** One try to get the money. A definitive refusal closes it; trying again is a new attempt. */
export class AttemptEntity extends attemptSchema.class {}
attemptSchema.setClass(AttemptEntity);
