export { buildFederatedSchema, type FederatedSchema } from './build-schema.ts';
export type {
  KeyedAct,
  KeyedAnswer,
  KeyedCall,
  Loader,
  Log,
  MutateOptions,
  RequestContext,
  RequestFacts,
  UseCase,
  UseCaseContext,
} from './context.ts';
export { type ClassifiedError, classifyError, formatError } from './error-table.ts';
export { createOperationExecutor, type OperationAnswer, type OperationRequest } from './execute.ts';
export { IdFilter } from './id-filter.type.ts';
export { invalidField, refuseInvalid } from './input.ts';
export { pathOfLiteral } from './literal-path.ts';
export { Money, MoneyInput } from './money.type.ts';
export { PaymentClientActionKindEnum, type PaymentClientActionKindName } from './payment-client-action-kind.type.ts';
export { IdempotencyInProgress, IdempotencyKeyReused, InputIssue, InvalidInput, Problem, ProblemCode, RateLimited } from './problems.ts';
export type { KeyedReference, ReferenceResolver, References } from './reference.ts';
export { mutationResult, repeatableResult } from './result.ts';
export {
  CalendarDate,
  CountryCode,
  CurrencyCodeScalar,
  Cursor,
  DateTime,
  EmailAddress,
  Locale,
  MinorUnits,
  PhoneNumber,
  SCALARS,
  Url,
} from './scalars.ts';
export { TenderEnum, type TenderName } from './tender.type.ts';
