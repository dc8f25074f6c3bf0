import { type ASTNode, type DocumentNode, type GraphQLError, Kind, parse, type Source, visit } from 'graphql';

/** What a complaint about a value in the text of a query points at. */
const PLACES: ReadonlySet<string> = new Set([
  ...[Kind.INT, Kind.FLOAT, Kind.STRING, Kind.BOOLEAN, Kind.NULL, Kind.ENUM, Kind.LIST, Kind.OBJECT, Kind.OBJECT_FIELD],
]);

/** A query may have many such mistakes: its text is read once for all of them. */
const documents = new WeakMap<Source, DocumentNode>();

/** Argument or variable, fields and places in lists that lead to the value which was refused, as for a variable; null for every other complaint. */
export function pathOfLiteral({ nodes, source }: Pick<GraphQLError, 'nodes' | 'source'>): readonly string[] | null {
  const [node] = nodes ?? [];
  if (!node || !PLACES.has(node.kind) || !source) return null;
  const path: string[] = [];
  const document = documents.get(source) ?? parse(source.body);
  documents.set(source, document);
  visit(document, {
    enter(each) {
      if (!holds(each, node)) return false;
      if (each.kind === Kind.ARGUMENT || each.kind === Kind.OBJECT_FIELD) path.push(each.name.value);
      if (each.kind === Kind.VARIABLE_DEFINITION) path.push(each.variable.name.value);
      if (each.kind === Kind.LIST) path.push(...each.values.flatMap((value, at) => (holds(value, node) ? [String(at)] : [])));
      return undefined;
    },
  });
  return path.length > 0 ? path : null;
}

function holds({ loc: outer }: ASTNode, { loc: inner }: ASTNode): boolean {
  return outer !== undefined && inner !== undefined && outer.start <= inner.start && outer.end >= inner.end;
}
