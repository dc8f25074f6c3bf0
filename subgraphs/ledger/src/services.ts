import type { CurrencyCode } from '@tessera/schema/contract';
import type { RequestContext, UseCaseContext } from '@tessera/service-kit/graphql';
import type { LedgerOperator } from './operator/operator.ts';

/** What use cases and resolvers of the ledger may ask besides their transaction. */
export interface LedgerServices {
  readonly defaultCurrency: CurrencyCode;
  /** The key under which the directory knows an e-mail address. */
  readonly emailKeyOf: (email: string) => string;
  /** For whoever runs the platform; not in the graph. */
  readonly operator: LedgerOperator;
}

export type LedgerContext = RequestContext<LedgerServices>;
export type LedgerUseCaseContext = UseCaseContext<LedgerServices>;
