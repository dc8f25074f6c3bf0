/** Who moves money outside of the platform. */
export type ProviderName = 'STRIPE' | 'PAYPAL';

/** What the customer's client has to do before the payment can go on. */
export interface ClientAction {
  readonly kind: 'HOSTED_PAGE' | 'CONFIRM_IN_PAGE';
  readonly url: string | null;
  readonly clientSecret: string | null;
  readonly publishableKey: string | null;
}
