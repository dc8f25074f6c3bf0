export { actAs } from './act-as.ts';
export { type ContractExceptions, describeSubgraphContract } from './contract-suite.ts';
export { createTestDatabase, type TestDatabase, type TestDatabaseOptions, testPrefix, testRedisUrl } from './database.ts';
export { commonTestConfig, eventually, startTestSubgraph, type TestSubgraph } from './test-subgraph.ts';
