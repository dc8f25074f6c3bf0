export { availableOf, balanceOf, type Counters, heldOf, MAX_MINOR } from './account.ts';
export { ACCOUNT_KINDS, ACCOUNT_RULES, type AccountKind, type Address, type NormalSide, parseAddress, sqlFloor } from './address.ts';
export { resolveAddresses } from './addresses.ts';
export { LedgerBusy, LedgerUnsure } from './busy.ts';
export { createEngine, type Engine, type EngineOptions } from './engine.ts';
export { type BalanceGuard, beforeBalancesChange, guardBalances } from './guard.ts';
export { areDecided, type FactKey, findKey } from './keys.ts';
export { type DefaultLimits, endOfDay, type LimitState, sqlIsCounted, usedToday } from './limit.ts';
export { type LimitRow, stateOf } from './lock-limits.ts';
export { ensurePartitions } from './partitions.ts';
export { post } from './post.ts';
export { readResolution } from './read-transfers.ts';
export { receiverOf, walletOpened } from './receivers.ts';
export {
  factKeyOf,
  type Leg,
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
