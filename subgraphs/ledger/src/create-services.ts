import { ConfigError } from '@tessera/service-kit/config';
import { createDirectoryKeys } from '@tessera/service-kit/crypto';
import { createOrm } from '@tessera/service-kit/persistence';
import type { Platform, SubgraphConfig } from '@tessera/service-kit/subgraph';
import { createCrashPoint } from '@tessera/service-kit/telemetry';
import { AccountEntity } from './account/account.entity.ts';
import { AdjustmentEntity } from './adjustment/adjustment.entity.ts';
import { createBalanceHints } from './balance-hint/balance-hints.ts';
import type { LedgerConfig } from './config.ts';
import { createEngine, guardBalances } from './engine/index.ts';
import { engineEvents } from './engine-events.ts';
import { createOperator } from './operator/operator.ts';
import { createReads } from './reading/reads.ts';
import { RecipientEntity } from './recipient/recipient.entity.ts';
import { ScheduleEntity, ScheduleRunEntity } from './schedule/schedule.entity.ts';
import type { LedgerServices } from './services.ts';
import { createDownloadLinks } from './statement/download-link.ts';
import { createFindParties, createFindPartiesOfBatch } from './transfer/parties.ts';
import { TransferEntity } from './transfer/transfer.entity.ts';

const LOCAL_GATEWAY = 'http://127.0.0.1:4000';

export const entities = [AccountEntity, TransferEntity, RecipientEntity, ScheduleEntity, ScheduleRunEntity, AdjustmentEntity];

/** The ledger's own collaborators. Nothing is connected yet. */
export function createServices(config: LedgerConfig, platform: Platform): LedgerServices & { readonly close: () => Promise<void> } {
  const { orm } = platform;
  const { redisKeyPrefix = '' }: SubgraphConfig = config;
  const replica = config.readDatabaseUrl ? createOrm({ databaseUrl: config.readDatabaseUrl, entities, migrations: [] }) : null;
  const reads = createReads(orm, replica, platform.metrics);
  const balances = createBalanceHints({ ...config, redisKeyPrefix, reads, log: platform.log, metrics: platform.metrics });
  guardBalances(orm.em, balances);
  const crashPoint = createCrashPoint(config.crashAt, { service: 'ledger', isProduction: config.isProduction });
  const engine = createEngine({
    guard: balances,
    databaseUrl: config.databaseUrl,
    lanes: config.engineLanes,
    batchSize: config.engineBatchSize,
    queueLimit: config.engineQueueLimit,
    defaultLimits: config.defaultLimits,
    events: engineEvents(platform, crashPoint),
  });
  return {
    defaultCurrency: config.defaultCurrency,
    defaultLimits: config.defaultLimits,
    emailKeyOf: createDirectoryKeys(config.directorySecret),
    engine,
    crashPoint,
    balances,
    reads,
    findParties: createFindParties(orm.em),
    findPartiesOfBatch: createFindPartiesOfBatch(orm.em),
    downloadLinks: createDownloadLinks(config.secret, publicUrlOf(config)),
    em: orm.em,
    operator: createOperator(orm),
    close: async () => {
      await engine.close();
      await balances.close();
      await replica?.close();
    },
  };
}

/** Outside production the gateway is where it listens by default. */
function publicUrlOf({ publicUrl, isProduction }: LedgerConfig): string {
  if (publicUrl) return publicUrl;
  if (!isProduction) return LOCAL_GATEWAY;
  const text = 'is missing: expected the address of the gateway, with which links to statements begin';
  throw new ConfigError('ledger', [{ variable: 'PUBLIC_URL', text }]);
}
