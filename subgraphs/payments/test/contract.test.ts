import { parseConfig } from '@tessera/service-kit/config';
import { describeSubgraphContract } from '@tessera/service-kit/testing';
import { configShape, createSubgraph } from '../src/subgraph.ts';

const secret = 'b'.repeat(43);
/** Leads nowhere: the contract connects nothing. */
const config = parseConfig('payments', configShape, {
  PAYMENTS_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  PAYMENTS_SECRET: secret,
  REDIS_URL: 'redis://127.0.0.1:1',
  EVENTS_SECRET: secret,
  IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'nobody', x: secret }] }),
  LOG_LEVEL: 'silent',
});

describeSubgraphContract(() => createSubgraph(config), {
  boundedLists: [
    'Order.payments',
    'Payment.attempts',
    'Payment.refunds',
    'Payment.disputes',
    'Reconciliation.totals',
    'Reconciliation.differences',
    'Payment.fraudAssessments',
    'FraudReview.reasons',
    'FraudAssessment.reasons',
    'User.paymentMethods',
  ],
  foreignTypes: ['Order', 'User', 'Wallet'],
});
