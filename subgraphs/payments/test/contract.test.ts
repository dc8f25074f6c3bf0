import { describeSubgraphContract } from '@tessera/service-kit/testing';
import { createSubgraph } from '../src/subgraph.ts';

const secret = 'b'.repeat(43);
const config = {
  databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing',
  redisUrl: 'redis://127.0.0.1:1',
  secret,
  eventsSecret: secret,
  port: 0,
  host: '127.0.0.1',
  identityKeys: { keys: [] },
  logLevel: 'error',
  isProduction: false,
  feeBasisPoints: 500,
  walletWaitMs: 300,
  answerTimeoutMs: 1_000,
  maxSends: 3,
} as const;

describeSubgraphContract(() => createSubgraph(config), {
  boundedLists: ['Order.payments', 'Payment.attempts', 'Payment.refunds'],
  foreignTypes: ['Order', 'User', 'Wallet'],
});
