import type { RequestContext, UseCaseContext } from '@tessera/service-kit/graphql';
import type { CatalogOperator } from './operator/catalog-operator.ts';
import type { SearchIndex } from './search/search-index.ts';

/** What a use case needs beside its transaction. */
export interface ActServices {
  readonly search: SearchIndex;
}

export interface CatalogServices extends ActServices {
  /** For seeds and operators of the platform; not reachable over the graph. */
  readonly operator: CatalogOperator;
}

export type ActContext = UseCaseContext<ActServices>;
export type CatalogContext = RequestContext<CatalogServices>;
