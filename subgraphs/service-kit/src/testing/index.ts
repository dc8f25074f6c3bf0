export { actAs } from './act-as.ts';
export { type ContractExceptions, describeSubgraphContract } from './contract-suite.ts';
export { createTestDatabase, type TestDatabase, type TestDatabaseOptions, testPrefix, testRedisUrl } from './database.ts';
export { eventually, PATIENCE_MS } from './eventually.ts';
export { commonTestConfig, startTestSubgraph, type TestSubgraph } from './test-subgraph.ts';
