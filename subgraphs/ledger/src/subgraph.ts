import type { Check } from '@tessera/service-kit/service';
import { defineSubgraph, type Subgraph } from '@tessera/service-kit/subgraph';
import { LedgerAccountResolver } from './account/ledger-account.resolver.ts';
import { visibleAdjustment } from './adjustment/adjustment.loader.ts';
import { adjustmentResolvers } from './adjustment/adjustment.resolver.ts';
import { expireAdjustments } from './adjustment/expire-adjustments.ts';
import type { LedgerConfig } from './config.ts';
import { createServices, entities } from './create-services.ts';
import { OrderTransfersResolver, PaymentTransfersResolver, UserWalletsResolver } from './foreign/foreign.resolver.ts';
import { OrderStub } from './foreign/order.ts';
import { PaymentStub } from './foreign/payment.ts';
import { UserStub } from './foreign/user.ts';
import { expireHolds, type OnStuck } from './hold/expire-holds.ts';
import { onHoldPostRequested } from './hold/on-hold-post-requested.ts';
import { onHoldRequested } from './hold/on-hold-requested.ts';
import { onHoldVoidRequested } from './hold/on-hold-void-requested.ts';
import { migrations } from './migrations/index.ts';
import { onPostingRequested } from './posting/on-posting-requested.ts';
import { onPostingResolutionRequested } from './posting/on-posting-resolution-requested.ts';
import { futurePartitions } from './proof/future-partitions.ts';
import { proveBatches } from './proof/prove-batches.ts';
import { sealBatches } from './proof/seal-batches.ts';
import { proofEvents } from './proof-events.ts';
import { onEmailChanged } from './recipient/on-email-changed.ts';
import { onHandleChanged } from './recipient/on-handle-changed.ts';
import { onUserRegistered } from './recipient/on-user-registered.ts';
import { ReportResolver } from './report/report.resolver.ts';
import { subtotalTransfers } from './report/subtotal-transfers.ts';
import { type OnFailed, runSchedules } from './schedule/run-schedules.ts';
import { visibleSchedule } from './schedule/schedule.loader.ts';
import {
  ScheduleRunResolver,
  TransferScheduleCancelledResolver,
  TransferScheduledResolver,
  TransferScheduleResolver,
  WalletSchedulesResolver,
} from './schedule/schedule.resolver.ts';
import type { LedgerServices } from './services.ts';
import { downloadRoute } from './statement/download-route.ts';
import { StatementLineResolver, StatementResolver, WalletStatementResolver } from './statement/statement.resolver.ts';
import { visibleTransfer } from './transfer/transfer.loader.ts';
import { TransferEdgeResolver, TransferResolver, TransferReversedResolver } from './transfer/transfer.resolver.ts';
import { visibleWallet } from './wallet/wallet.loader.ts';
import { WalletClosedResolver, WalletOpenedResolver, WalletResolver } from './wallet/wallet.resolver.ts';
import { WalletLimitsChangedResolver, WalletLimitsOfWalletResolver, WalletLimitsResolver } from './wallet/wallet-limits.resolver.ts';

export type { LedgerConfig } from './config.ts';
export { ledgerConfig as configShape } from './config.ts';
export {
  createEngine,
  type Engine,
  LedgerBusy,
  LedgerUnsure,
  type PostOutcome,
  type PostRequest,
  post,
  type Submission,
} from './engine/index.ts';
export { expireHolds } from './hold/expire-holds.ts';
export { holdPlaced, holdResolved } from './hold/hold-events.ts';
export type { Funding, LedgerOperator } from './operator/operator.ts';
export { sealBatches } from './proof/seal-batches.ts';
export type { LedgerServices } from './services.ts';
export { refusalTold, transferTold } from './transfer/post-transfer.ts';

const EXPIRE_INTERVAL_MS = 500;
const SCHEDULES_INTERVAL_MS = 1_000;
const ADJUSTMENTS_INTERVAL_MS = 60_000;
const PARTITIONS_INTERVAL_MS = 3_600_000;
const SEAL_INTERVAL_MS = 1_000;
const PROVE_INTERVAL_MS = 5_000;
const SUBTOTAL_INTERVAL_MS = 10_000;

/** Wallets, transfers and holds. Construction connects nothing. */
export function createSubgraph(config: LedgerConfig): Subgraph<LedgerServices> {
  return defineSubgraph<LedgerServices>({
    name: 'ledger',
    config,
    services: (platform) => createServices(config, platform),
    resolvers: RESOLVERS,
    // The stubs say nothing about whether their thing exists; the fields that the ledger adds check who asks.
    references: {
      Wallet: ({ id }, context) => context.load(visibleWallet, id),
      Transfer: ({ id }, context) => context.load(visibleTransfer, id),
      TransferSchedule: ({ id }, context) => context.load(visibleSchedule, id),
      Adjustment: ({ id }, context) => context.load(visibleAdjustment, id),
      User: ({ id }) => new UserStub(id),
      Order: ({ id }) => new OrderStub(id),
      Payment: ({ id }) => new PaymentStub(id),
    },
    entities,
    migrations,
    handlers: ({ defaultCurrency }) => ({
      UserRegistered: onUserRegistered(defaultCurrency),
      HandleChanged: onHandleChanged,
      EmailChanged: onEmailChanged,
      HoldRequested: onHoldRequested,
      HoldPostRequested: onHoldPostRequested,
      HoldVoidRequested: onHoldVoidRequested,
      PostingRequested: onPostingRequested,
      PostingResolutionRequested: onPostingResolutionRequested,
    }),
    workers: ({ defaultLimits }, platform) => {
      const proof = proofEvents(platform);
      const onRunFailed: OnFailed = (scheduleId, error) =>
        platform.log.error({ err: error, scheduleId }, 'the run of a schedule failed, and is tried again in a minute');
      const onStuck: OnStuck = (holdIds, error) =>
        platform.log.warn({ err: error, holdIds }, 'holds could not be given back, and are tried again in a few seconds');
      return [
        { name: 'expire-holds', intervalMs: EXPIRE_INTERVAL_MS, run: (unit) => expireHolds(unit, onStuck) },
        { name: 'run-schedules', intervalMs: SCHEDULES_INTERVAL_MS, run: runSchedules(defaultLimits, onRunFailed) },
        { name: 'expire-adjustments', intervalMs: ADJUSTMENTS_INTERVAL_MS, run: expireAdjustments },
        { name: 'partitions', intervalMs: PARTITIONS_INTERVAL_MS, run: futurePartitions },
        { name: 'seal-batches', intervalMs: SEAL_INTERVAL_MS, run: sealBatches },
        { name: 'prove-batches', intervalMs: PROVE_INTERVAL_MS, run: (unit) => proveBatches(unit, proof) },
        { name: 'subtotal-transfers', intervalMs: SUBTOTAL_INTERVAL_MS, run: subtotalTransfers() },
      ];
    },
    routes: ({ downloadLinks, reads }, { metrics }) => [downloadRoute({ links: downloadLinks, reads, metrics })],
    softChecks: ({ reads }): Readonly<Record<string, Check>> => (config.readDatabaseUrl ? { replica: () => reads.checkReplica() } : {}),
  });
}

const RESOLVERS = [
  WalletResolver,
  WalletOpenedResolver,
  WalletClosedResolver,
  WalletLimitsOfWalletResolver,
  WalletLimitsResolver,
  WalletLimitsChangedResolver,
  WalletStatementResolver,
  StatementResolver,
  StatementLineResolver,
  TransferResolver,
  TransferEdgeResolver,
  TransferReversedResolver,
  WalletSchedulesResolver,
  TransferScheduleResolver,
  ScheduleRunResolver,
  TransferScheduledResolver,
  TransferScheduleCancelledResolver,
  LedgerAccountResolver,
  ...adjustmentResolvers,
  ReportResolver,
  UserWalletsResolver,
  OrderTransfersResolver,
  PaymentTransfersResolver,
] as const;
