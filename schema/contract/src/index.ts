export { ROLE_SCOPES, ROLES, type Role, SCOPES, type Scope, scopesOf } from './access.ts';
export { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER, ACCESS_TOKEN_TYPE } from './access-token.ts';
export { type CardAmount, type CardAmountProblem, cardAmountProblem } from './card-amounts.ts';
export { CURRENCIES, type CurrencyCode, currencyExponent, isCurrencyCode } from './currencies.ts';
export { type Envelope, envelopeSchema } from './envelope.ts';
export { ERROR_CODES, type ErrorCode } from './error-codes.ts';
export {
  type EventPayload,
  type EventType,
  eventPayloads,
  isEventType,
  SERVICES,
  type ServiceName,
  type StreamName,
  senderOf,
  streamOf,
} from './events.ts';
export { ID_PREFIXES, type IdKind } from './id-prefixes.ts';
export { packedPayloads } from './packed-payloads.ts';
export { PROBLEM_CODES, type ProblemCodeName } from './problem-codes.ts';
