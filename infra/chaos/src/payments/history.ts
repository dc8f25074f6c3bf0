import type { CheckoutPlan } from './plan.ts';

/** What was told to the customer of one checkout: none of it may turn out to be untrue. */
export interface Played {
  readonly plan: CheckoutPlan;
  readonly buyerId: string;
  orderId: string | null;
  totalMinor: bigint;
  /** The charge that the provider's page showed as paid. */
  paidCharge: string | null;
  /** Charged at a page that the customer had left for another way to pay. */
  strayCharge: string | null;
  isCancelAcknowledged: boolean;
  /** The shop said so, and may not take it back by itself. */
  sawConfirmed: boolean;
  readonly refunds: AcknowledgedRefund[];
  /** In the customer's words. */
  readonly notes: string[];
  /** Why the customer could not go on; a platform that works gives no reason. */
  failure: string | null;
}

export interface AcknowledgedRefund {
  readonly id: string;
  readonly minor: bigint;
  readonly destination: 'ORIGINAL' | 'WALLET';
  /** The bank sent it back. */
  readonly isSentBack: boolean;
}

export function blank(plan: CheckoutPlan, buyerId: string): Played {
  return {
    ...{
      plan,
      buyerId,
      orderId: null,
      totalMinor: 0n,
      paidCharge: null,
      strayCharge: null,
      isCancelAcknowledged: false,
      sawConfirmed: false,
    },
    ...{ refunds: [], notes: [], failure: null },
  };
}
