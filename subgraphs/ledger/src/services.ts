import type { CurrencyCode } from '@tessera/schema/contract';
import type { RequestContext, UseCaseContext } from '@tessera/service-kit/graphql';
import type { EntityManager } from '@tessera/service-kit/persistence';
import type { CrashPoint } from '@tessera/service-kit/telemetry';
import type { BalanceHints } from './balance-hint/balance-hints.ts';
import type { DefaultLimits, Engine } from './engine/index.ts';
import type { LedgerOperator } from './operator/operator.ts';
import type { Reads } from './reading/reads.ts';
import type { DownloadLinks } from './statement/download-link.ts';
import type { FindParties, FindPartiesOfBatch } from './transfer/parties.ts';

/** What use cases and resolvers of the ledger may ask besides their transaction. */
export interface LedgerServices {
  readonly defaultCurrency: CurrencyCode;
  /** The key under which the directory knows an e-mail address. */
  readonly emailKeyOf: (email: string) => string;
  /** Decides what stands alone in batches that many calls share. */
  readonly engine: Engine;
  readonly findParties: FindParties;
  readonly findPartiesOfBatch: FindPartiesOfBatch;
  readonly downloadLinks: DownloadLinks;
  /** What holds for senders for whom nobody has set anything. */
  readonly defaultLimits: DefaultLimits;
  /** Marks places where a test may end the process. */
  readonly crashPoint: CrashPoint;
  /** For showing balances, never for deciding. */
  readonly balances: Pick<BalanceHints, 'read'>;
  readonly reads: Reads;
  /** For commits of their own beside a batch; fork it. */
  readonly em: EntityManager;
  /** For whoever runs the platform; not in the graph. */
  readonly operator: LedgerOperator;
}

export type LedgerContext = RequestContext<LedgerServices>;
export type LedgerUseCaseContext = UseCaseContext<LedgerServices>;
