import type { z } from 'zod';

/** One setting: the environment variable that holds it, and what the variable must be. */
export interface Variable<S extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly schema: S;
}

/** The settings of a service by the key under which its code sees them. */
export type ConfigShape = Readonly<Record<string, Variable>>;

/** The parsed, frozen settings. */
export type Config<S extends ConfigShape> = { readonly [K in keyof S]: z.output<S[K]['schema']> };

/** A variable is missing or not valid. The message is one line, names every such variable, and holds no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly variables: readonly string[];
  constructor(service: string, problems: readonly ConfigProblem[]) {
    super(`${service} cannot start: ${problems.map(({ variable, text }) => `${variable} ${text}`).join('; ')}.`);
    this.variables = problems.map(({ variable }) => variable);
  }
}

export function variable<S extends z.ZodType>(name: string, schema: S): Variable<S> {
  return { name, schema };
}

/**
 * Reads the settings from the environment: one deep-frozen object, or `ConfigError`. An empty variable counts as missing. With
 * `NODE_ENV=production`, every text that starts with `development-` is refused, however deep it lies (the key id of a JWK, for example).
 */
export function parseConfig<S extends ConfigShape>(service: string, shape: S, env: NodeJS.ProcessEnv): Config<S> {
  const isProduction = env.NODE_ENV === 'production';
  const problems: ConfigProblem[] = [];
  const entries = Object.entries(shape).map(([key, { name, schema }]) => {
    const text = env[name] === '' ? undefined : env[name];
    const result = schema.safeParse(text);
    const problem = result.success ? refuseDevelopmentValue(result.data, isProduction) : describe(text, result.error);
    if (problem) problems.push({ variable: name, text: problem });
    return [key, result.data] as const;
  });
  if (problems.length > 0) throw new ConfigError(service, problems);
  return deepFreeze(Object.fromEntries(entries)) as Config<S>; // each value came from the schema of its key
}

export interface ConfigProblem {
  readonly variable: string;
  readonly text: string;
}

function describe(text: string | undefined, error: z.ZodError): string {
  const expected = [...new Set(error.issues.map((issue) => issue.message))].join(', ');
  return text === undefined ? `is missing: expected ${expected}` : `is not valid: expected ${expected}`;
}

function refuseDevelopmentValue(value: unknown, isProduction: boolean): string | null {
  return isProduction && holdsDevelopmentText(value) ? 'is a development secret, which production refuses' : null;
}

function holdsDevelopmentText(value: unknown): boolean {
  if (typeof value === 'string') return value.startsWith('development-');
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsDevelopmentText);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
