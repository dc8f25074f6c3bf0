import { between, type Draw, drawFor, pick, pickWeighted } from '../random.ts';
import { CURRENCIES, type Currency } from '../world/seed-world.ts';

/** What a customer does, and how often: the weights of checkouts beyond the first ones, which go through all kinds once. */
const WEIGHTS = {
  PAYS: 36,
  DECLINED_THEN_PAYS: 10,
  THREE_D_SECURE: 10,
  SAVED_CARD: 8,
  WALLET_INSTEAD: 6,
  ABANDONS: 5,
  CANCELS_FIRST: 6,
  CANCELS_WHILE_PAYING: 8,
  PAYS_TOO_LATE: 5,
  REFUND_TO_CARD: 7,
  REFUND_TO_WALLET: 5,
  REFUND_SENT_BACK: 5,
  CHARGED_TWICE: 4,
} as const;

export type Kind = keyof typeof WEIGHTS;
export const KINDS = Object.keys(WEIGHTS) as readonly Kind[]; // its own keys

const PAYING_CARDS = ['4242424242424242', '5555555555554444', '378282246310005', '4000002760000016'] as const;
const DECLINING_CARDS = ['4000000000000002', '4000000000009995'] as const;
const MAX_QUANTITY = 3;
const MAX_PAUSE_MS = 400;

export interface CheckoutPlan {
  readonly number: number;
  readonly kind: Kind;
  readonly product: number;
  readonly quantity: number;
  readonly currency: Currency;
  readonly card: string;
  readonly decliningCard: string;
  /** How long the customer hesitates. */
  readonly pauseMs: number;
  /** How long the bank takes, where that matters. */
  readonly bankMs: number;
  /** Whether the 3-D Secure page is left once before it is completed. */
  readonly failsSecureFirst: boolean;
  /** Of the amount that is given back, a part of the whole: 1 to 100 %. */
  readonly refundPercent: number;
}

/** The same for the same seed and number, whatever else happens. */
export function planOf(seed: number, number: number): CheckoutPlan {
  const draw = drawFor(seed, `checkout ${number}`);
  return {
    number,
    kind: kindOf(seed, number, draw),
    product: Math.floor(draw('product') * 1_000),
    quantity: between(1, MAX_QUANTITY, draw('quantity')),
    currency: pick(CURRENCIES, draw('currency')),
    card: pick(PAYING_CARDS, draw('card')),
    decliningCard: pick(DECLINING_CARDS, draw('declining card')),
    pauseMs: between(0, MAX_PAUSE_MS, draw('pause')),
    bankMs: between(0, 1_200, draw('bank')),
    failsSecureFirst: draw('secure') < 0.3,
    refundPercent: draw('refund') < 0.3 ? 100 : between(1, 99, draw('part')),
  };
}

/** Each kind once, in an order that the seed decides; then by weight. */
function kindOf(seed: number, number: number, draw: Draw): Kind {
  if (number >= KINDS.length) return pickWeighted(WEIGHTS, draw('kind'));
  const order = drawFor(seed, 'order of kinds');
  return [...KINDS].sort((left, right) => order(left) - order(right))[number] ?? 'PAYS';
}
