import { join } from 'node:path';
import { type Layout, openSecrets, serviceEnvironment } from '@tessera/local';
import type { StoredWorld } from './stored-world.ts';

export const SUBGRAPHS = ['users', 'catalog', 'orders', 'payments', 'ledger'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];
export type ServiceName = SubgraphName | 'gateway';

const WEBHOOK_SECRET = 'whsec_chaos_00000000000000000000';
const SECRET_KEY = 'sk_test_simulator';

/** How long things may take in a world; short, so that a run sees their ends. */
export interface Pace {
  /** How long an order waits for its money. */
  readonly orderDeadlineMs: number;
  /** One request to the provider; after three times as long, what a dead process asked is asked again. */
  readonly providerTimeoutMs: number;
}

export interface Addresses {
  readonly gatewayPort: number;
  readonly subgraphPorts: Readonly<Record<SubgraphName, number>>;
  readonly simulatorUrl: string;
}

export function webhookOf(gatewayPort: number): { readonly url: string; readonly secret: string } {
  return { url: `http://127.0.0.1:${gatewayPort}/webhooks/stripe`, secret: WEBHOOK_SECRET };
}

/** The variables of one service, as in a deployment of separate processes. */
export function environmentOf(
  name: ServiceName,
  { databases, redisUrl, smtpUrl }: StoredWorld,
  { layout, pace, addresses }: { readonly layout: Layout; readonly pace: Pace; readonly addresses: Addresses },
): NodeJS.ProcessEnv {
  const { gatewayPort, subgraphPorts, simulatorUrl } = addresses;
  const logFile = join(layout.logsDir, `${name}.log`);
  const secrets = openSecrets(layout.secretsFile);
  const urls = Object.entries(subgraphPorts).map(([service, port]) => [`${service.toUpperCase()}_URL`, `http://127.0.0.1:${port}`]);
  return {
    ...serviceEnvironment({ secrets, databases, redisUrl, smtpUrl, gatewayPort, subgraphPorts, logFile }, {}),
    ...Object.fromEntries(urls),
    ...WIDE_LIMITS,
    STRIPE_SECRET_KEY: SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_API_BASE: simulatorUrl,
    ORDERS_PAYMENT_DEADLINE_MS: String(pace.orderDeadlineMs),
    ORDERS_ANSWER_DEADLINE_MS: '10000',
    PAYMENTS_PROVIDER_TIMEOUT_MS: String(pace.providerTimeoutMs),
    PAYMENTS_PROVIDER_RETRY_MS: '100',
    PAYMENTS_PROVIDER_POLL_MS: '1500',
    PAYMENTS_ANSWER_TIMEOUT_MS: '8000',
    LOG_LEVEL: 'warn',
  };
}

/** All come from one address, and often. */
const WIDE_LIMITS = {
  USERS_REGISTER_LIMIT_PER_ADDRESS: '100000',
  USERS_LOGIN_LIMIT_PER_ADDRESS: '100000',
  PAYMENTS_FRAUD_RULES: JSON.stringify({ reviewFrom: 1_000, blockFrom: 1_000 }),
};
