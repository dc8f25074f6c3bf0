import { type Config, httpUrl, integer, jwk, logLevel, port, redisUrl, secret, variable } from '@tessera/service-kit/config';
import { z } from 'zod';
import { POLICIES, type Policies, type Policy } from './operations/policy.ts';
import type { SubgraphPlaces } from './transport/transport.ts';

const DEFAULT_PORT = 4_000;
const DEFAULT_HOST = '127.0.0.1';
const MAX_PROXIES = 5;
const DEFAULT_SOCKETS_PER_USER = 5;
const EXECUTORS = ['tessera', 'apollo'] as const;

/** What the gateway is told, whoever hosts it. */
export const configShape = {
  /** Signs visitor ids; every purpose derives its own key from it. */
  secret: variable('GATEWAY_SECRET', secret()),
  /** Private key that signs who asks, for subgraphs in other processes. */
  identityKey: variable('GATEWAY_IDENTITY_KEY', jwk()),
  /** Shared by all services: signs what they tell each other about events, and the cursors of subscriptions. */
  eventsSecret: variable('EVENTS_SECRET', secret()),
  redisUrl: variable('REDIS_URL', redisUrl()),
  port: variable('GATEWAY_PORT', port().default(DEFAULT_PORT)),
  host: variable('GATEWAY_HOST', z.string().default(DEFAULT_HOST)),
  /** Where clients reach the gateway; `https` makes cookies `Secure`. Default: where it listens. */
  publicUrl: variable('GATEWAY_PUBLIC_URL', httpUrl().optional()),
  corsOrigins: variable('GATEWAY_CORS_ORIGINS', origins().default([])),
  /** How many proxies in front append to `X-Forwarded-For`. */
  trustedProxyHops: variable('GATEWAY_TRUSTED_PROXIES', integer(0, MAX_PROXIES).default(0)),
  socketsPerUser: variable('GATEWAY_SOCKETS_PER_USER', integer(1, 1_000).default(DEFAULT_SOCKETS_PER_USER)),
  /** `apollo`: the stock executor, as a reference. */
  executor: variable('GATEWAY_EXECUTOR', z.enum(EXECUTORS, { error: EXECUTORS.join(' or ') }).default('tessera')),
  /** Equal queries of one principal that are under way at the same time are executed once. */
  collapse: variable(
    'GATEWAY_COLLAPSE',
    z
      .enum(['on', 'off'], { error: 'on or off' })
      .default('on')
      .transform((text) => text === 'on'),
  ),
  /** GraphQL over HTTP to the letter, where Apollo Server's defaults differ. */
  isStrictHttp: variable(
    'GATEWAY_STRICT_HTTP',
    z
      .enum(['on', 'off'], { error: 'on or off' })
      .default('off')
      .transform((text) => text === 'on'),
  ),
  /** Which operations clients may send. Default: `safelist-only` in production, else `open`. */
  operations: variable('GATEWAY_OPERATIONS', policies().optional()),
  logLevel: variable('LOG_LEVEL', logLevel().default('info')),
  /** Where log lines go instead of standard output. */
  logFile: variable('LOG_FILE', z.string().optional()),
  isProduction: variable(
    'NODE_ENV',
    z
      .enum(['development', 'test', 'production'], { error: 'development, test or production' })
      .default('development')
      .transform((text) => text === 'production'),
  ),
};

/** Where each subgraph is: `http://…`, `https://…`, or `inprocess:` for one that the gateway's own process hosts. */
const subgraphUrlShape = {
  usersUrl: variable('USERS_URL', subgraphUrl()),
  catalogUrl: variable('CATALOG_URL', subgraphUrl()),
  ordersUrl: variable('ORDERS_URL', subgraphUrl()),
  paymentsUrl: variable('PAYMENTS_URL', subgraphUrl()),
  ledgerUrl: variable('LEDGER_URL', subgraphUrl()),
};

/** With where the subgraphs are, for whoever hosts our own graph. */
export const hostedConfigShape = { ...configShape, ...subgraphUrlShape };

/** Only for a gateway in a process of its own. */
export const distributedConfigShape = {
  ...hostedConfigShape,
  /** Where `supergraph.graphql`, `access.json` and `operations/` are; read again when they change. Default: what this build came with. */
  schemaDir: variable('GATEWAY_SCHEMA_DIR', z.string().min(1).optional()),
};

export function subgraphPlacesOf(config: Config<typeof subgraphUrlShape>): Pick<SubgraphPlaces, 'subgraphUrls' | 'urlVariables'> {
  const { usersUrl: users, catalogUrl: catalog, ordersUrl: orders, paymentsUrl: payments, ledgerUrl: ledger } = config;
  const subgraphUrls = { users, catalog, orders, payments, ledger };
  const { usersUrl, catalogUrl, ordersUrl, paymentsUrl, ledgerUrl } = subgraphUrlShape;
  const variables = { users: usersUrl, catalog: catalogUrl, orders: ordersUrl, payments: paymentsUrl, ledger: ledgerUrl };
  const urlVariables = Object.fromEntries(Object.entries(variables).map(([subgraph, { name }]) => [subgraph, name]));
  return { subgraphUrls, urlVariables };
}

export type GatewayConfig = Config<typeof configShape>;

/** Apollo's packages send measurements home unless the environment forbids it; called before any of them is built. */
export function forbidApolloTelemetry(): void {
  process.env.APOLLO_TELEMETRY_DISABLED = '1';
}

/** What it must be, the gateway says where it connects. */
function subgraphUrl() {
  return z.string({ error: 'http://…, https://… or inprocess:' });
}

/** What everybody may send, then, by client, what is different for those: `safelist-only,backoffice=log-unknown`. */
function policies() {
  const expected = `one of ${POLICIES.join(', ')}, then client=policy where clients differ, separated by commas`;
  return z
    .string({ error: expected })
    .transform((text) => policiesOf(text.split(',').map((part) => part.trim())))
    .refine((parsed): parsed is Policies => parsed !== null, expected);
}

function policiesOf([everybody = '', ...others]: readonly string[]): Policies | null {
  const entries = others.map((part): readonly [string, string] => [part.split('=')[0]?.trim() ?? '', part.split('=')[1]?.trim() ?? '']);
  if (!isPolicy(everybody) || !entries.every(([client, policy]) => client !== '' && isPolicy(policy))) return null;
  return { everybody, clients: new Map(entries as readonly (readonly [string, Policy])[]) }; // checked above
}

function isPolicy(text: string): text is Policy {
  return (POLICIES as readonly string[]).includes(text);
}

/** A comma-separated list of origins; a wildcard would let any page use a visitor's cookies, so it is refused. */
function origins() {
  const expected = 'a comma-separated list of origins such as https://shop.example (no wildcard)';
  return z
    .string({ error: expected })
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter(Boolean),
    )
    .refine((list) => list.every(isOrigin), expected);
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
