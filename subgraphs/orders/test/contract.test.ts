import { commonTestConfig, describeSubgraphContract } from '@tessera/service-kit/testing';
import { createSubgraph } from '../src/subgraph.ts';
import { stageConfig } from './orders-stage.ts';

process.env.TESSERA_TEST_REDIS_URL ??= 'redis://127.0.0.1:6379/6';
const config = { ...commonTestConfig('postgres://nobody@127.0.0.1:1/none'), ...stageConfig };

describeSubgraphContract(() => createSubgraph(config), {
  boundedLists: ['Cart.lines', 'CheckoutQuote.lines', 'Order.history', 'Order.lines', 'Order.timeline', 'Order.units', 'OutOfStock.lines'],
  foreignTypes: ['Product', 'ProductVariant', 'User'],
});
