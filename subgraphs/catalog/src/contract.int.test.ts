import { commonTestConfig, describeSubgraphContract } from '@tessera/service-kit/testing';
import { createSubgraph } from './subgraph.ts';

describeSubgraphContract(() => createSubgraph(commonTestConfig('postgres://localhost/unused')), {
  foreignTypes: ['User'],
  boundedLists: [
    'Query.categories',
    'Query.productSuggestions',
    'Category.breadcrumbs',
    'Category.children',
    'Product.media',
    'Product.options',
    'Product.variants',
    'ProductVariant.attributes',
    'ProductVariant.optionValues',
    'ProductVariant.prices',
  ],
});
