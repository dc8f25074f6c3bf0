import { balanceEndpoints } from '../objects/balance.ts';
import { chargeEndpoints } from '../objects/charges.ts';
import { checkoutEndpoints } from '../objects/checkout/endpoints.ts';
import { customerEndpoints } from '../objects/customers.ts';
import { disputeEndpoints } from '../objects/disputes.ts';
import { eventEndpoints } from '../objects/event-endpoints.ts';
import { paymentIntentEndpoints } from '../objects/payment-intents/endpoints.ts';
import { paymentMethodEndpoints } from '../objects/payment-methods.ts';
import { refundEndpoints } from '../objects/refunds.ts';
import { setupIntentEndpoints } from '../objects/setup-intents.ts';
import { webhookEndpointEndpoints } from '../objects/webhook-endpoints.ts';
import type { Endpoint } from './routes.ts';

/** The whole API. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...balanceEndpoints,
  ...chargeEndpoints,
  ...checkoutEndpoints,
  ...customerEndpoints,
  ...disputeEndpoints,
  ...eventEndpoints,
  ...paymentIntentEndpoints,
  ...paymentMethodEndpoints,
  ...refundEndpoints,
  ...setupIntentEndpoints,
  ...webhookEndpointEndpoints,
];
