import { type Config, ConfigError, type ConfigShape, parseConfig } from './parse-config.ts';

/**
 * The settings of a process. When they are not usable it prints one line that says which variables are missing or wrong, and exits with 1 at
 * once: a process that cannot work must not look as if it could. For `config.ts` of a service only.
 */
export function loadConfig<S extends ConfigShape>(service: string, shape: S, env: NodeJS.ProcessEnv = process.env): Config<S> {
  try {
    return parseConfig(service, shape, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
