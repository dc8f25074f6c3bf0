import { sha256 } from '@tessera/service-kit/crypto';
import { z } from 'zod';

/** A document of a client that was reviewed with the code. */
export interface TrustedDocument {
  readonly hash: string;
  readonly name: string;
  readonly query: string;
}

export interface TrustedDocuments {
  /** Of a client with a manifest of its own, what that one holds; of others, what any holds. */
  has(hash: string, client: string | null): boolean;
  textOf(hash: string): string | undefined;
  readonly documents: readonly TrustedDocument[];
}

/** The format of Apollo's persisted query manifests, version 1: what other tools write and read too. */
const manifestSchema = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(
    z.object({
      id: z.string().regex(/^[0-9a-f]{64}$/),
      name: z.string(),
      type: z.enum(['query', 'mutation', 'subscription']),
      body: z.string(),
    }),
  ),
});

/**
 * Reads manifests, by the name of their client.
 * @throws Error where one is not of the format, or names a document by a hash that is not its own
 */
export function parseManifests(manifests: Readonly<Record<string, unknown>>): TrustedDocuments {
  const byHash = new Map<string, TrustedDocument>();
  const byClient = new Map<string, ReadonlySet<string>>();
  for (const [client, content] of Object.entries(manifests)) {
    const { operations } = manifestSchema.parse(content);
    for (const { id, name, body } of operations) {
      if (sha256(body) !== id)
        throw new Error(`The manifest of ${client} names ${name} by a hash that is not its own: run npm run operations.`);
      byHash.set(id, { hash: id, name, query: body });
    }
    byClient.set(client, new Set(operations.map(({ id }) => id)));
  }
  return {
    has: (hash, client) => (byClient.get(client ?? '') ?? byHash).has(hash),
    textOf: (hash) => byHash.get(hash)?.query,
    documents: [...byHash.values()],
  };
}
