export { type CommonConfigShape, commonConfig } from './common-config.ts';
export { loadConfig, orExit } from './load-config.ts';
export { type Config, ConfigError, type ConfigShape, parseConfig, type Variable, variable } from './parse-config.ts';
export {
  databaseUrl,
  flag,
  httpUrl,
  integer,
  jwk,
  jwks,
  LOG_LEVELS,
  type LogLevel,
  logLevel,
  port,
  redisUrl,
  secret,
} from './variables.ts';
