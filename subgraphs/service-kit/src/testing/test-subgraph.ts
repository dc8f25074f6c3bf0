import { randomBytes, randomUUID } from 'node:crypto';
import type { Viewer } from '../identity/index.ts';
import type { Subgraph, SubgraphAnswer, SubgraphConfig } from '../subgraph/index.ts';
import { createTestDatabase, testPrefix, testRedisUrl } from './database.ts';

export interface TestSubgraph<Services> {
  readonly subgraph: Subgraph<Services>;
  readonly config: SubgraphConfig;
  /** Sends an operation as this viewer; `key` is the `Idempotency-Key` header. */
  ask(
    viewer: Viewer,
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    options?: { readonly key?: string; readonly seen?: string },
  ): Promise<SubgraphAnswer>;
  /** `ask` with a fresh idempotency key: answers the data, fails the test on errors. */
  data<Data = Record<string, never>>(viewer: Viewer, query: string, variables?: Readonly<Record<string, unknown>>): Promise<Data>;
  close(): Promise<void>;
}

/**
 * One subgraph on a database of its own, relay, consumer and workers running. `extra` is what its config needs beyond the common part;
 * `version` changes with the migrations (their source text is safe).
 */
export async function startTestSubgraph<Services, Config extends SubgraphConfig>(
  name: string,
  create: (config: Config) => Subgraph<Services>,
  extra: Omit<Config, keyof SubgraphConfig>,
  { version, isStarted = true }: { readonly version?: string; readonly isStarted?: boolean } = {},
): Promise<TestSubgraph<Services>> {
  const configFor = (databaseUrl: string) => ({ ...commonTestConfig(databaseUrl), ...extra }) as unknown as Config; // the two halves of the config
  const migrate = async (databaseUrl: string) => {
    const subgraph = create(configFor(databaseUrl));
    await subgraph.migrate();
    await subgraph.close();
  };
  const database = await createTestDatabase({ name, version: version ?? randomUUID(), migrate });
  const config = configFor(database.url);
  const subgraph = create(config);
  if (isStarted) await subgraph.start();
  const ask: TestSubgraph<Services>['ask'] = (viewer, query, variables, options) =>
    subgraph.execute({ query, variables, viewer, idempotencyKey: options?.key ?? null, seen: options?.seen ?? null });
  return {
    subgraph,
    config,
    ask,
    data: async <Data>(viewer: Viewer, query: string, variables?: Readonly<Record<string, unknown>>) => {
      const { data, errors } = await ask(viewer, query, variables, { key: randomUUID() });
      if (errors) throw new Error(`unexpected errors: ${JSON.stringify(errors)}`);
      return data as Data;
    },
    close: async () => {
      await subgraph.close();
      await database.drop();
    },
  };
}

/** A common config on the test stores, with random secrets. */
export function commonTestConfig(databaseUrl: string): SubgraphConfig {
  return {
    databaseUrl,
    secret: randomBytes(32).toString('base64url'),
    port: 0,
    host: '127.0.0.1',
    redisUrl: testRedisUrl(),
    redisKeyPrefix: testPrefix(),
    eventsSecret: randomBytes(32).toString('base64url'),
    identityKeys: { keys: [] },
    logLevel: 'error',
    isProduction: false,
  };
}
