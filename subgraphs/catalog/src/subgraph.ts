import { defineSubgraph, type Subgraph, type SubgraphConfig } from '@tessera/service-kit/subgraph';
import { CategoryEntity } from './category/category.entity.ts';
import { categoryById } from './category/category.load.ts';
import { CategoryResolver, CategorySavedResolver } from './category/category.resolver.ts';
import { CreateCatalog } from './migrations/0001-catalog.ts';
import { CreateProductSearch } from './migrations/0002-search.ts';
import { IndexDrafts } from './migrations/0003-search-drafts.ts';
import { createOperator } from './operator/operator.ts';
import { ProductEntity } from './product/product.entity.ts';
import { productByReference, variantByReference } from './product/product.load.ts';
import { ProductResolver } from './product/product.resolver.ts';
import { ProductMutationResolver, productOutcomeResolvers } from './product/product-mutation.resolver.ts';
import { createPostgresSearch } from './search/postgres-search.ts';
import { ProductSearchResolver } from './search/product-search.resolver.ts';
import type { CatalogServices } from './services.ts';
import { VariantEntity } from './variant/variant.entity.ts';
import { VariantResolver, variantOutcomeResolvers } from './variant/variant.resolver.ts';

export { catalogConfig as configShape } from './config.ts';
export type { CatalogOperator, EnsureCategory, EnsuredProduct, EnsureProduct } from './operator/catalog-operator.ts';
export type { CatalogServices } from './services.ts';

/** The catalog: products, variants, prices, categories and search. Construction connects nothing; `start` does. */
export function createSubgraph(config: SubgraphConfig): Subgraph<CatalogServices> {
  return defineSubgraph<CatalogServices>({
    name: 'catalog',
    config,
    services: ({ orm }) => {
      const search = createPostgresSearch();
      return { search, operator: createOperator(orm, { search }) };
    },
    resolvers: [
      ProductResolver,
      ProductMutationResolver,
      ...productOutcomeResolvers,
      VariantResolver,
      ...variantOutcomeResolvers,
      CategoryResolver,
      CategorySavedResolver,
      ProductSearchResolver,
    ],
    references: {
      Product: ({ id }, context) => context.load(productByReference, id),
      ProductVariant: ({ id }, context) => context.load(variantByReference, id),
      Category: ({ id }, context) => context.load(categoryById, id),
    },
    entities: [ProductEntity, VariantEntity, CategoryEntity],
    migrations: [
      { name: 'catalog-0001-catalog', class: CreateCatalog },
      { name: 'catalog-0002-search', class: CreateProductSearch },
      { name: 'catalog-0003-search-drafts', class: IndexDrafts },
    ],
  });
}
