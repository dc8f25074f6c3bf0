import type { GraphQLSchema } from 'graphql';
import { type AccessRules, parseAccessRules } from '../access/rules.ts';
import type { KnownOperation } from '../execution/tessera-executor.ts';
import { parseManifests, type TrustedDocuments } from '../operations/trusted-documents.ts';
import type { LoadedSupergraph, Planning } from './load-supergraph.ts';
import type { SchemaFiles } from './schema-files.ts';

/** What belongs to a supergraph and changes with it, in one step. */
export interface ServedSchema {
  readonly rules: () => AccessRules;
  readonly trusted: () => TrustedDocuments;
  /** One at a time. Rejects, and changes nothing, where the files do not go together or a trusted document cannot be answered. */
  replace(files: Partial<SchemaFiles> & Pick<SchemaFiles, 'supergraphSdl'>, operations?: readonly KnownOperation[]): Promise<void>;
}

/** Compiles operations for a supergraph that is about to be served; rejects where one of them cannot be answered. */
export type Warm = (next: Planning, operations: readonly KnownOperation[]) => Promise<void>;

export function createServedSchema(
  { accessRules, manifests }: Omit<SchemaFiles, 'supergraphSdl'>,
  supergraph: LoadedSupergraph,
  warm: Warm,
): ServedSchema {
  let rules = parseAccessRules(accessRules);
  let trusted = parseManifests(manifests);
  let running: Promise<void> = Promise.resolve();
  const replace = async (next: Parameters<ServedSchema['replace']>[0], operations: readonly KnownOperation[]): Promise<void> => {
    const nextRules = next.accessRules === undefined ? rules : parseAccessRules(next.accessRules);
    const nextTrusted = next.manifests === undefined ? trusted : parseManifests(next.manifests);
    await supergraph.replace(next.supergraphSdl, async (planning) => {
      if (next.accessRules !== undefined) refuseForeignRules(nextRules, planning.schema);
      await warm(planning, [...nextTrusted.documents, ...operations]);
      return () => {
        rules = nextRules;
        trusted = nextTrusted;
      };
    });
  };
  return {
    rules: () => rules,
    trusted: () => trusted,
    replace: (next, operations = []) => {
      const done = running.then(() => replace(next, operations));
      running = done.catch(() => undefined); // told to whoever asked for it
      return done;
    },
  };
}

/** A rule for a field that is not there belongs to another supergraph, and then rules of this one are missing. */
function refuseForeignRules(rules: AccessRules, schema: GraphQLSchema): void {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const known = new Set(roots.flatMap((type) => Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`)));
  const foreign = [...rules.keys()].filter((name) => !known.has(name));
  if (foreign.length > 0) throw new Error(`The access rules are of another supergraph: it has no ${foreign.join(', ')}.`);
}
