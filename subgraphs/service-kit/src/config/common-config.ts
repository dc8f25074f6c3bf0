import { z } from 'zod';
import { variable } from './parse-config.ts';
import { databaseUrl, jwks, logLevel, port, redisUrl, secret } from './variables.ts';

const DEFAULT_HOST = '127.0.0.1';

/** What every subgraph is told. `prefix` is the service in capitals: `ORDERS` reads `ORDERS_DATABASE_URL`. Extend it by spreading. */
export function commonConfig(prefix: string) {
  return {
    databaseUrl: variable(`${prefix}_DATABASE_URL`, databaseUrl()),
    /** The one secret of the service; every purpose derives its own key from it (`deriveKey`). */
    secret: variable(`${prefix}_SECRET`, secret()),
    port: variable(`${prefix}_PORT`, port().default(0)),
    host: variable(`${prefix}_HOST`, z.string().default(DEFAULT_HOST)),
    redisUrl: variable('REDIS_URL', redisUrl()),
    /** Shared by all services: signs what they tell each other about events. */
    eventsSecret: variable('EVENTS_SECRET', secret()),
    /** Public keys of the gateway, which signs who asks. */
    identityKeys: variable('IDENTITY_PUBLIC_KEYS', jwks()),
    logLevel: variable('LOG_LEVEL', logLevel().default('info')),
    /** A file for the log instead of standard output. */
    logFile: variable('LOG_FILE', z.string().optional()),
    isProduction: variable(
      'NODE_ENV',
      z
        .enum(['development', 'test', 'production'], { error: 'development, test or production' })
        .default('development')
        .transform((text) => text === 'production'),
    ),
  };
}

export type CommonConfigShape = ReturnType<typeof commonConfig>;
