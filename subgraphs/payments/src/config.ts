import { type Config, commonConfig, httpUrl, integer, variable } from '@tessera/service-kit/config';
import { z } from 'zod';
import { fraudThresholds } from './fraud/fraud-config.ts';

const MAX_FEE_BASIS_POINTS = 10_000;
const MAX_WAIT_MS = 600_000;
const DAY_S = 86_400;
const SECRET_KEY = /^(sk|rk)_(test|live)_\w+$/;
const PUBLISHABLE_KEY = /^pk_(test|live)_\w+$/;

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

  /** With it cards are taken; without it a card payment fails as CARDS_NOT_AVAILABLE. */
  stripeSecretKey: variable('STRIPE_SECRET_KEY', optionalKey(SECRET_KEY, 'a secret key of Stripe (sk_… or rk_…)')),
  /** Of the webhook endpoint; several, separated by commas, while one is being replaced. */
  stripeWebhookSecrets: variable('STRIPE_WEBHOOK_SECRET', webhookSecrets().default([])),
  /** Only clients that confirm in their own page need it. */
  stripePublishableKey: variable('STRIPE_PUBLISHABLE_KEY', optionalKey(PUBLISHABLE_KEY, 'a publishable key of Stripe (pk_…)')),
  /** Another host that speaks the same API, such as the simulator. */
  stripeApiBase: variable('STRIPE_API_BASE', httpUrl().optional()),
  /** How old a signed delivery may be, and how far clocks may differ. */
  webhookToleranceS: variable('PAYMENTS_WEBHOOK_TOLERANCE_S', integer(1, DAY_S).default(300)),
  /** How long one request to a provider may take. */
  providerTimeoutMs: variable('PAYMENTS_PROVIDER_TIMEOUT_MS', integer(50, MAX_WAIT_MS).default(10_000)),
  /** How many requests to a provider may be under way in this process. */
  providerConcurrency: variable('PAYMENTS_PROVIDER_CONCURRENCY', integer(1, 200).default(8)),
  /** The first wait after a request of which nobody knows what became; each further one is twice as long, up to five minutes. */
  providerRetryMs: variable('PAYMENTS_PROVIDER_RETRY_MS', integer(10, MAX_WAIT_MS).default(500)),
  /** How often in a row a provider may leave a request without an answer before a person has to look. */
  maxProviderFailures: variable('PAYMENTS_MAX_PROVIDER_FAILURES', integer(1, 100).default(20)),
  /** How often an open attempt is looked up, should its webhook never come; each further wait is twice as long, up to five minutes. */
  providerPollMs: variable('PAYMENTS_PROVIDER_POLL_MS', integer(50, MAX_WAIT_MS).default(10_000)),
  /** Where the gateway is reached from outside. */
  publicUrl: variable('PUBLIC_URL', httpUrl().optional()),
  /** Where the provider's page sends the customer afterwards; default the gateway's own page. */
  returnUrl: variable('PAYMENTS_RETURN_URL', httpUrl().optional()),
  /** How long a person has to decide about a payment that the fraud rules hold back. */
  reviewWindowMs: variable('PAYMENTS_REVIEW_WINDOW_MS', integer(1_000, 7 * DAY_S * 1_000).default(2 * DAY_S * 1_000)),
  /** Weights and thresholds of the fraud rules as JSON; what is left out keeps its default. */
  fraud: variable('PAYMENTS_FRAUD_RULES', fraudThresholds()),
  /** Ends the process at a named point, for tests: `payments.refund.answered#2` is the second time. Refused in production. */
  crashAt: variable('CRASH_AT', z.string().optional()),
};

export type PaymentsConfig = Config<typeof paymentsConfig>;

function optionalKey(form: RegExp, expected: string) {
  return z.string({ error: expected }).regex(form, expected).optional();
}

function webhookSecrets() {
  const expected = 'one or more signing secrets (whsec_…), separated by commas';
  return z
    .string({ error: expected })
    .transform((text) => text.split(',').map((secret) => secret.trim()))
    .refine((secrets) => secrets.every((secret) => /^\S{16,}$/.test(secret)), expected);
}
