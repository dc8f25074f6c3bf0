import { DATABASE_SERVICES, type Secrets } from './secrets.ts';

export interface EnvironmentParts {
  readonly secrets: Secrets;
  readonly databases: Readonly<Record<string, string>>;
  readonly redisUrl: string;
  readonly smtpUrl: string;
  readonly gatewayPort: number;
  readonly subgraphPorts: Readonly<Record<string, number>>;
  /** Of payments, where the launcher decides who takes cards: see `cards.ts`. */
  readonly cards?: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/**
 * Everybody here is one person with one test card at one address, and every account is new: what is suspicious elsewhere must not stop an evening
 * of trying things out. Country and amount together still ask for a review.
 */
const LOCAL_FRAUD_RULES = {
  ...{ attemptsPerUser: 1_000, attemptsPerCard: 1_000, attemptsPerAddress: 1_000, attemptsPerShipping: 1_000 },
  weights: { newAccount: 20 },
};

/**
 * The variables that every service of the stack is configured with, exactly as separate processes would get them. What the outer
 * environment sets (log level, fees, limits) wins, except for what the launcher itself decided.
 */
export function serviceEnvironment(parts: EnvironmentParts, outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const perService = DATABASE_SERVICES.flatMap((service) => [
    [`${service.toUpperCase()}_DATABASE_URL`, parts.databases[service]],
    [`${service.toUpperCase()}_PORT`, String(parts.subgraphPorts[service] ?? 0)],
  ]);
  return {
    LOG_FILE: parts.logFile,
    PUBLIC_URL: gatewayUrl(parts.gatewayPort),
    ...Object.fromEntries(DATABASE_SERVICES.map((service) => [`${service.toUpperCase()}_URL`, 'inprocess:'])),
    PAYMENTS_FRAUD_RULES: JSON.stringify(LOCAL_FRAUD_RULES),
    ...parts.secrets.environment,
    ...outer,
    GATEWAY_IDENTITY_KEY: parts.secrets.environment.IDENTITY_PRIVATE_KEY,
    ...Object.fromEntries(perService),
    REDIS_URL: parts.redisUrl,
    SMTP_URL: parts.smtpUrl,
    GATEWAY_PORT: String(parts.gatewayPort),
    ...parts.cards,
  };
}

/** Known before the gateway listens: others are told where it will be. */
export function gatewayUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}
