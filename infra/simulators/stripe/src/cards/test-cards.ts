/** How a card behaves. https://docs.stripe.com/testing */
export interface TestCard {
  readonly number: string;
  readonly brand: string;
  readonly country: string;
  readonly funding: 'credit' | 'debit' | 'prepaid';
  /** Null: payments succeed. */
  readonly decline: Decline | null;
  /** Whether it can be saved to a customer; a card that declines usually cannot. */
  readonly canBeSaved: boolean;
  /** UNLESS_SET_UP: no more once it was authenticated for later use. ON_SESSION: only while the customer is there. */
  readonly authentication: 'NEVER' | 'ALWAYS' | 'UNLESS_SET_UP' | 'ON_SESSION';
  readonly refund: 'SUCCEEDS' | 'FAILS_LATER' | 'SUCCEEDS_LATER';
  /** The reason of a dispute that opens right after a payment. */
  readonly dispute: string | null;
  /** The money is available at once. */
  readonly isAvailableAtOnce: boolean;
}

export interface Decline {
  readonly code: string;
  readonly declineCode: string | null;
  readonly message: string;
}

const DECLINED = 'Your card was declined.';

export const DECLINES = {
  generic: { code: 'card_declined', declineCode: 'generic_decline', message: DECLINED },
  insufficientFunds: { code: 'card_declined', declineCode: 'insufficient_funds', message: 'Your card has insufficient funds.' },
  lost: { code: 'card_declined', declineCode: 'lost_card', message: DECLINED },
  stolen: { code: 'card_declined', declineCode: 'stolen_card', message: DECLINED },
  velocity: {
    code: 'card_declined',
    declineCode: 'card_velocity_exceeded',
    message: 'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  },
  expired: { code: 'expired_card', declineCode: null, message: 'Your card has expired.' },
  incorrectCvc: { code: 'incorrect_cvc', declineCode: null, message: "Your card's security code is incorrect." },
  processingError: {
    code: 'processing_error',
    declineCode: null,
    message: 'An error occurred while processing your card. Try again in a little bit.',
  },
  fraudulent: { code: 'card_declined', declineCode: 'fraudulent', message: DECLINED },
  liveCard: {
    code: 'card_declined',
    declineCode: 'test_mode_live_card',
    message:
      'Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
  },
  authenticationRequired: {
    code: 'authentication_required',
    declineCode: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
  },
  authenticationFailed: {
    code: 'payment_intent_authentication_failure',
    declineCode: null,
    message: 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  },
} as const satisfies Record<string, Decline>;

/** Cards that pay; by brand, then by country. */
const PAYING: readonly TestCard[] = [
  card('4242424242424242'),
  card('4000056655665556', { funding: 'debit' }),
  card('5555555555554444', { brand: 'mastercard' }),
  card('2223003122003222', { brand: 'mastercard' }),
  card('5200828282828210', { brand: 'mastercard', funding: 'debit' }),
  card('5105105105105100', { brand: 'mastercard', funding: 'prepaid' }),
  card('378282246310005', { brand: 'amex' }),
  card('371449635398431', { brand: 'amex' }),
  card('6011111111111117', { brand: 'discover' }),
  card('3056930009020004', { brand: 'diners' }),
  card('36227206271667', { brand: 'diners' }),
  card('3566002020360505', { brand: 'jcb' }),
  card('6200000000000005', { brand: 'unionpay' }),
  ...Object.entries({
    AT: '4000000400000008',
    AU: '4000000360000006',
    BE: '4000000560000004',
    BR: '4000000760000002',
    CA: '4000001240000000',
    CH: '4000007560000009',
    CN: '4000001560000002',
    CZ: '4000002030000002',
    DE: '4000002760000016',
    DK: '4000002080000001',
    ES: '4000007240000007',
    FI: '4000002460000001',
    FR: '4000002500000003',
    GB: '4000008260000000',
    HK: '4000003440000004',
    IE: '4000003720000005',
    IN: '4000003560000008',
    IT: '4000003800000008',
    JP: '4000003920000003',
    MX: '4000004840008001',
    NL: '4000005280000002',
    NO: '4000005780000007',
    NZ: '4000005540000008',
    PL: '4000006160000005',
    PT: '4000006200000007',
    SE: '4000007520000008',
    SG: '4000007020000003',
  }).map(([country, number]) => card(number, { country })),
];

const OTHERS: readonly TestCard[] = [
  declining('4000000000000002', DECLINES.generic),
  declining('4000000000009995', DECLINES.insufficientFunds),
  declining('4000000000009987', DECLINES.lost),
  declining('4000000000009979', DECLINES.stolen),
  declining('4000000000006975', DECLINES.velocity),
  declining('4000000000000069', DECLINES.expired),
  declining('4000000000000127', DECLINES.incorrectCvc),
  declining('4000000000000119', DECLINES.processingError),
  declining('4100000000000019', DECLINES.fraudulent),
  card('4000000000000341', { decline: DECLINES.generic }),
  card('4000002760003184', { country: 'DE', authentication: 'ALWAYS' }),
  card('4000000000003220', { authentication: 'ALWAYS' }),
  card('4000002500003155', { country: 'FR', authentication: 'UNLESS_SET_UP' }),
  card('4000003800000446', { country: 'IT', authentication: 'ON_SESSION' }),
  card('4000008260003178', { country: 'GB', authentication: 'ALWAYS', decline: DECLINES.insufficientFunds }),
  card('4000000000000259', { dispute: 'fraudulent' }),
  card('4000000000002685', { dispute: 'product_not_received' }),
  card('4000000000005126', { refund: 'FAILS_LATER' }),
  card('4000000000007726', { refund: 'SUCCEEDS_LATER' }),
  card('4000000000000077', { isAvailableAtOnce: true }),
];

const BY_NUMBER = new Map([...PAYING, ...OTHERS].map((one) => [one.number, one]));

/** Undefined for a number that is no test card. */
export function findTestCard(number: string): TestCard | undefined {
  return BY_NUMBER.get(number);
}

export function hasValidChecksum(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false;
  const sum = Array.from(number, Number)
    .reverse()
    .reduce((total, digit, index) => total + (index % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)), 0);
  return sum % 10 === 0;
}

function declining(number: string, decline: Decline): TestCard {
  return card(number, { decline, canBeSaved: false });
}

function card(number: string, behaviour: Partial<TestCard> = {}): TestCard {
  return {
    number,
    brand: 'visa',
    country: 'US',
    funding: 'credit',
    decline: null,
    canBeSaved: true,
    authentication: 'NEVER',
    refund: 'SUCCEEDS',
    dispute: null,
    isAvailableAtOnce: false,
    ...behaviour,
  };
}
