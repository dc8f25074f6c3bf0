import { type Config, ConfigError, type ConfigShape, parseConfig } from './parse-config.ts';

/**
 * The settings of a process. When they are not usable it prints one line that says which variables are missing or wrong, and exits with 1 at
 * once: a process that cannot work must not look as if it could. For `config.ts` of a service only.
 */
export function loadConfig<S extends ConfigShape>(service: string, shape: S, env: NodeJS.ProcessEnv = process.env): Config<S> {
  return orExit(() => parseConfig(service, shape, env));
}

/** The same for whatever else finds out that settings are not usable, such as a rule about two of them. */
export function orExit<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
