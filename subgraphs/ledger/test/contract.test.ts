import { describeSubgraphContract } from '@tessera/service-kit/testing';
import { createSubgraph } from '../src/subgraph.ts';
import { ledgerTestConfig } from './a-ledger.ts';

describeSubgraphContract(() => createSubgraph(ledgerTestConfig()), {
  boundedLists: [
    'User.wallets',
    'Order.ledgerTransfers',
    'Payment.ledgerTransfers',
    'TrialBalance.lines',
    'TrialBalance.totals',
    'LedgerProof.checks',
    'TransferBatchCreated.results',
    'WalletLimits.changes',
  ],
  foreignTypes: ['User', 'Order', 'Payment'],
});
