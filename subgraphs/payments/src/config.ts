import { type Config, commonConfig, integer, variable } from '@tessera/service-kit/config';

const MAX_FEE_BASIS_POINTS = 10_000;
const MAX_WAIT_MS = 600_000;

/** The only file that knows variable names. */
export const paymentsConfig = {
  ...commonConfig('PAYMENTS'),
  /** What the platform keeps of each vendor's share: 500 is 5 %. Takes effect with the next capture. */
  feeBasisPoints: variable('PAYMENTS_FEE_BASIS_POINTS', integer(0, MAX_FEE_BASIS_POINTS).default(500)),
  /** How long an attempt waits for a wallet that this subgraph has not heard of yet. */
  walletWaitMs: variable('PAYMENTS_WALLET_WAIT_MS', integer(0, MAX_WAIT_MS).default(3_000)),
  /** How long the ledger may take to answer before its command is sent again; every further wait is twice as long. */
  answerTimeoutMs: variable('PAYMENTS_ANSWER_TIMEOUT_MS', integer(50, MAX_WAIT_MS).default(10_000)),
  /** How often a command is sent before a person has to look at the payment. */
  maxSends: variable('PAYMENTS_MAX_SENDS', integer(1, 20).default(6)),
};

export type PaymentsConfig = Config<typeof paymentsConfig>;
