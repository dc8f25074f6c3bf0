import { type DocumentNode, Kind, type OperationDefinitionNode, visit } from 'graphql';
import { freeName } from '../plan/free-name.ts';

/** The variable in which every entity fetch brings its references. */
const TAKEN = 'representations';

export interface OwnVariables {
  readonly document: DocumentNode;
  /** The client's values under the names of the document. What it sends under a name that only the document has is nobody's: the client has not declared it, and nobody has checked it. */
  valuesOf(variables: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
}

/** A client's variable of that name would be defined twice in an entity fetch that takes it along: it gets another one through the whole plan. */
export function withOwnVariables(document: DocumentNode): OwnVariables {
  const names = new Set(document.definitions.flatMap((each) => (each.kind === Kind.OPERATION_DEFINITION ? namesIn(each) : [])));
  if (!names.has(TAKEN)) return { document, valuesOf: (variables) => variables };
  const name = freeName(`${TAKEN}_`, (each) => names.has(each));
  const renamed = visit(document, {
    Variable: (node) => (node.name.value === TAKEN ? { ...node, name: { kind: Kind.NAME, value: name } } : undefined),
  });
  return {
    document: renamed,
    valuesOf: ({ [name]: _unasked, [TAKEN]: value, ...others }) => (value === undefined ? others : { ...others, [name]: value }),
  };
}

function namesIn({ variableDefinitions = [] }: OperationDefinitionNode): readonly string[] {
  return variableDefinitions.map(({ variable }) => variable.name.value);
}
