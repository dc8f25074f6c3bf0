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
