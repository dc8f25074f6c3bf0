import { registerEnumType } from 'type-graphql';
import type { FraudOutcome, FraudPhase, FraudReviewState, FraudRule } from './fraud.ts';

export const FraudRuleEnum = {
  USER_VELOCITY: 'USER_VELOCITY',
  CARD_VELOCITY: 'CARD_VELOCITY',
  ADDRESS_VELOCITY: 'ADDRESS_VELOCITY',
  SHIPPING_VELOCITY: 'SHIPPING_VELOCITY',
  AMOUNT_ABOVE_HISTORY: 'AMOUNT_ABOVE_HISTORY',
  COUNTRY_MISMATCH: 'COUNTRY_MISMATCH',
  NEW_ACCOUNT: 'NEW_ACCOUNT',
} as const satisfies Record<FraudRule, FraudRule>;
registerEnumType(FraudRuleEnum, {
  name: 'FraudRule',
  description:
    'What was found: too many attempts within an hour (VELOCITY), or an amount, a country or a new account that is out of the ordinary.',
});

export const FraudOutcomeEnum = { ALLOW: 'ALLOW', REVIEW: 'REVIEW', BLOCK: 'BLOCK' } as const satisfies Record<FraudOutcome, FraudOutcome>;
registerEnumType(FraudOutcomeEnum, {
  name: 'FraudOutcome',
  description: 'What follows from the score: the payment goes on, a person decides, or it is refused.',
});

export const FraudPhaseEnum = { BEFORE: 'BEFORE', AFTER: 'AFTER' } as const satisfies Record<FraudPhase, FraudPhase>;
registerEnumType(FraudPhaseEnum, {
  name: 'FraudPhase',
  description: 'When it was assessed: before the provider was asked for the money, or after, with the card known.',
});

export const FraudReviewStateEnum = {
  OPEN: 'OPEN',
  RELEASED: 'RELEASED',
  REJECTED: 'REJECTED',
  LAPSED: 'LAPSED',
} as const satisfies Record<FraudReviewState, FraudReviewState>;
registerEnumType(FraudReviewStateEnum, {
  name: 'FraudReviewState',
  description:
    'OPEN waits for a decision; RELEASED money stands; REJECTED money goes back, and so does that which nobody decided about (LAPSED).',
});

export type FraudReviewDecision = 'RELEASE' | 'REJECT';
export const FraudReviewDecisionEnum = { RELEASE: 'RELEASE', REJECT: 'REJECT' } as const satisfies Record<
  FraudReviewDecision,
  FraudReviewDecision
>;
registerEnumType(FraudReviewDecisionEnum, {
  name: 'FraudReviewDecision',
  description: 'What to do with captured money: let it stand, or send it back.',
});
