import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { type DocumentNode, parse, printSchema } from 'graphql';
import { type AccessEntry, accessRulesOf, withoutAccessDirectives } from './access-rules.ts';

export interface Composition {
  readonly supergraph: string;
  /** What clients see: no federation, no `_entities`. */
  readonly api: string;
  readonly access: Readonly<Record<string, AccessEntry>>;
}

/** The graph does not compose, or composes with hints. Each line of the message is one finding of the composer. */
class CompositionError extends Error {
  override readonly name = 'CompositionError';
}

/** Composes the subgraphs and takes the access rules out. @throws CompositionError for any error or hint */
export function compose(sdls: ReadonlyMap<string, string>): Composition {
  const documents = new Map<string, DocumentNode>([...sdls].map(([name, sdl]) => [name, parse(sdl)]));
  const services = [...documents].map(([name, document]) => ({
    name,
    url: `inprocess:${name}`,
    typeDefs: withoutAccessDirectives(document),
  }));
  const result = composeServices(services);
  if (result.errors) throw new CompositionError(result.errors.map((error) => error.message).join('\n'));
  if (result.hints.length > 0)
    throw new CompositionError(result.hints.map((hint) => `hint ${hint.definition.code}: ${hint.message}`).join('\n'));
  const rules = Object.assign({}, ...[...documents.values()].map(accessRulesOf)) as Record<string, AccessEntry>; // root fields have one owner each
  return {
    supergraph: `${result.supergraphSdl.trim()}\n`,
    api: `${printSchema(Supergraph.build(result.supergraphSdl).apiSchema().toGraphQLJSSchema()).trim()}\n`,
    access: Object.fromEntries(Object.entries(rules).sort(([a], [b]) => a.localeCompare(b))),
  };
}
