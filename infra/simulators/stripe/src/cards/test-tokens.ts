/** What follows `pm_card_` and `tok_`, and the number that it stands for. https://docs.stripe.com/testing */
const NUMBERS: Readonly<Record<string, string>> = {
  visa: '4242424242424242',
  visa_debit: '4000056655665556',
  mastercard: '5555555555554444',
  mastercard_debit: '5200828282828210',
  mastercard_prepaid: '5105105105105100',
  amex: '378282246310005',
  discover: '6011111111111117',
  diners: '3056930009020004',
  jcb: '3566002020360505',
  unionpay: '6200000000000005',
  chargeDeclined: '4000000000000002',
  chargeDeclinedInsufficientFunds: '4000000000009995',
  chargeDeclinedLostCard: '4000000000009987',
  chargeDeclinedStolenCard: '4000000000009979',
  chargeDeclinedVelocityLimitExceeded: '4000000000006975',
  chargeDeclinedExpiredCard: '4000000000000069',
  chargeDeclinedIncorrectCvc: '4000000000000127',
  chargeDeclinedProcessingError: '4000000000000119',
  chargeDeclinedFraudulent: '4100000000000019',
  radarBlock: '4100000000000019',
  chargeCustomerFail: '4000000000000341',
  authenticationRequired: '4000002760003184',
  authenticationRequiredOnSetup: '4000002500003155',
  authenticationRequiredSetupForOffSession: '4000003800000446',
  authenticationRequiredChargeDeclinedInsufficientFunds: '4000008260003178',
  threeDSecure2Required: '4000000000003220',
  threeDSecureRequired: '4000000000003220',
  createDispute: '4000000000000259',
  createDisputeProductNotReceived: '4000000000002685',
  refundFail: '4000000000005126',
  pendingRefund: '4000000000007726',
  bypassPending: '4000000000000077',
  at: '4000000400000008',
  au: '4000000360000006',
  be: '4000000560000004',
  br: '4000000760000002',
  ca: '4000001240000000',
  ch: '4000007560000009',
  cn: '4000001560000002',
  cz: '4000002030000002',
  de: '4000002760000016',
  dk: '4000002080000001',
  es: '4000007240000007',
  fi: '4000002460000001',
  fr: '4000002500000003',
  gb: '4000008260000000',
  hk: '4000003440000004',
  ie: '4000003720000005',
  in: '4000003560000008',
  it: '4000003800000008',
  jp: '4000003920000003',
  mx: '4000004840008001',
  nl: '4000005280000002',
  no: '4000005780000007',
  nz: '4000005540000008',
  pl: '4000006160000005',
  pt: '4000006200000007',
  se: '4000007520000008',
  sg: '4000007020000003',
  us: '4242424242424242',
};

/** The number behind `pm_card_visa`, `pm_card_visa_chargeDeclined`, `tok_visa`, …; undefined for anything else. */
export function numberOfToken(token: string): string | undefined {
  const [, name] = /^(?:pm_card|tok)_(\w+)$/.exec(token) ?? [];
  if (name === undefined) return undefined;
  return own(name) ?? own(name.replace(/^visa_/, ''));
}

function own(name: string): string | undefined {
  return Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
}
