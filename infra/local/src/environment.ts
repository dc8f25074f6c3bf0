import { DATABASE_SERVICES, type Secrets } from './secrets.ts';

export interface EnvironmentParts {
  readonly secrets: Secrets;
  readonly databases: Readonly<Record<string, string>>;
  readonly redisUrl: string;
  readonly smtpUrl: string;
  readonly gatewayPort: number;
  readonly subgraphPorts: Readonly<Record<string, number>>;
  readonly logFile: string;
}

/**
 * The variables that every service of the stack is configured with, exactly as separate processes would get them. What the outer
 * environment sets (log level, fees, limits) wins, except for what the launcher itself decided.
 */
export function serviceEnvironment(parts: EnvironmentParts, outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const url = `http://127.0.0.1:${parts.gatewayPort}`;
  const perService = DATABASE_SERVICES.flatMap((service) => [
    [`${service.toUpperCase()}_DATABASE_URL`, parts.databases[service]],
    [`${service.toUpperCase()}_PORT`, String(parts.subgraphPorts[service] ?? 0)],
  ]);
  return {
    LOG_FILE: parts.logFile,
    PUBLIC_URL: url,
    ...parts.secrets.environment,
    ...outer,
    GATEWAY_IDENTITY_KEY: parts.secrets.environment.IDENTITY_PRIVATE_KEY,
    ...Object.fromEntries(perService),
    REDIS_URL: parts.redisUrl,
    SMTP_URL: parts.smtpUrl,
    GATEWAY_PORT: String(parts.gatewayPort),
  };
}
