export { availableOf, balanceOf, type Counters, heldOf, MAX_MINOR } from './account.ts';
export { ACCOUNT_KINDS, ACCOUNT_RULES, type AccountKind, type NormalSide } from './address.ts';
export { LedgerBusy, LedgerUnsure } from './busy.ts';
export { createEngine, type Engine, type EngineOptions } from './engine.ts';
export { type BalanceGuard, beforeBalancesChange, guardBalances } from './guard.ts';
export { findKey } from './keys.ts';
export { ensurePartitions } from './partitions.ts';
export { post } from './post.ts';
export { readResolution } from './read-transfers.ts';
export {
  factKeyOf,
  PAYMENTS_SCOPE,
  type PostedTransfer,
  type PostOutcome,
  type PostRequest,
  type Refusal,
  type RefusalReason,
  type TransferState,
} from './request.ts';
export { sqlOf, turn } from './sql.ts';
export type { Submission } from './submission.ts';
