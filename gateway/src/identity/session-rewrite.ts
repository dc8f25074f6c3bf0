import type { SubgraphRequest } from '@tessera/service-kit/subgraph';
import {
  type DocumentNode,
  type FieldNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
  visit,
} from 'graphql';

/** Mutation → the outcome type that holds tokens. */
const OPENING: ReadonlyMap<string, string> = new Map([
  ['sessionOpen', 'SessionOpened'],
  ['sessionOpenWithProvider', 'SessionOpened'],
  ['sessionRefresh', 'SessionRefreshed'],
]);
const REFRESHING = 'sessionRefresh';
const CLOSING = 'sessionClose';
const TOKEN_FIELDS: ReadonlySet<string> = new Set(['accessToken', 'refreshToken']);
/** Under names of our own, so that they cannot collide with a client's alias. */
const ADDED = { accessToken: 'tessera_accessToken', refreshToken: 'tessera_refreshToken', expiresAt: 'tessera_expiresAt' } as const;

export interface SessionRewrite {
  readonly query: string;
  /** Response keys of the fields that open or refresh a session. */
  readonly openingKeys: readonly string[];
  /** Of those that close the session that asks, or all of them; another session of the user is none of this browser's business. */
  readonly closingKeys: readonly string[];
  readonly added: typeof ADDED;
  /** Response keys under which the client asked for tokens. */
  readonly blanked: readonly string[];
}

/** Cheap, and true for every operation that needs the rewrite. */
export function holdsSessionField(query: string): boolean {
  return /^\s*mutation\b/.test(query) && /\bsession(Open|OpenWithProvider|Refresh|Close)\b/.test(query);
}

/** Asks for the tokens under names of our own, whatever the client selects. */
export function withTokens({ query, variables }: Pick<SubgraphRequest, 'query' | 'variables'>): SessionRewrite {
  const document = parse(query);
  const fields: FieldNode[] = [];
  mapRootFields(document, (field) => {
    fields.push(field);
    return field;
  });
  const opening = fields.filter(({ name }) => OPENING.has(name.value));
  const blanked = new Set<string>();
  for (const field of opening) {
    visit(field, { Field: ({ name, alias }) => void (TOKEN_FIELDS.has(name.value) && blanked.add(alias?.value ?? name.value)) });
  }
  const rewritten = mapRootFields(document, (node) => {
    const type = OPENING.get(node.name.value);
    return type ? withSelection(node, type) : node;
  });
  return {
    query: print(rewritten),
    openingKeys: opening.map(keyOf),
    closingKeys: fields.filter((field) => field.name.value === CLOSING && !namesSession(field, variables ?? {})).map(keyOf),
    added: ADDED,
    blanked: [...blanked],
  };
}

/** Puts the refresh token of the cookie into every `sessionRefresh` whose input brings none. */
export function giveRefreshToken(request: SubgraphRequest, refreshToken: string | null): SubgraphRequest {
  if (!refreshToken || !request.query.includes(REFRESHING)) return request;
  const variables: Record<string, unknown> = { ...request.variables };
  const query = mapRootFields(parse(request.query), (node) => {
    if (node.name.value !== REFRESHING) return node;
    return {
      ...node,
      arguments: (node.arguments ?? []).map((argument) => ({
        ...argument,
        value: withRefreshToken(argument.value, refreshToken, variables),
      })),
    };
  });
  return { ...request, query: print(query), variables };
}

function withRefreshToken(
  value: NonNullable<FieldNode['arguments']>[number]['value'],
  refreshToken: string,
  variables: Record<string, unknown>,
) {
  if (value.kind === Kind.VARIABLE) {
    const given = variables[value.name.value];
    if (typeof given === 'object' && given !== null && !hasToken(given)) variables[value.name.value] = { ...given, refreshToken };
    return value;
  }
  if (
    value.kind !== Kind.OBJECT ||
    value.fields.some(({ name, value: inner }) => name.value === 'refreshToken' && inner.kind !== Kind.NULL)
  )
    return value;
  const field = {
    kind: Kind.OBJECT_FIELD,
    name: { kind: Kind.NAME, value: 'refreshToken' },
    value: { kind: Kind.STRING, value: refreshToken },
  } as const;
  return { ...value, fields: [...value.fields.filter(({ name }) => name.value !== 'refreshToken'), field] };
}

function namesSession({ arguments: given = [] }: FieldNode, variables: Readonly<Record<string, unknown>>): boolean {
  return given.some(({ value }) => {
    const input: unknown = valueFromASTUntyped(value, variables as Record<string, unknown>); // graphql-js does not write to it
    return typeof input === 'object' && input !== null && 'sessionId' in input && typeof input.sessionId === 'string';
  });
}

function hasToken(input: object): boolean {
  return 'refreshToken' in input && typeof input.refreshToken === 'string' && input.refreshToken !== '';
}

function withSelection(node: FieldNode, typeName: string): FieldNode {
  const selections: SelectionNode[] = Object.entries(ADDED).map(([field, alias]) => ({
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: alias },
    name: { kind: Kind.NAME, value: field },
  }));
  const fragment: SelectionNode = {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: typeName } },
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  return { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections: [...(node.selectionSet?.selections ?? []), fragment] } };
}

/** Root fields of the operation, also below inline fragments; a fetch of the planner has no others. */
function mapRootFields(document: DocumentNode, change: (field: FieldNode) => FieldNode): DocumentNode {
  const inSet = (set: SelectionSetNode): SelectionSetNode => ({ ...set, selections: set.selections.map(inSelection) });
  const inSelection = (node: SelectionNode): SelectionNode => {
    if (node.kind === Kind.FIELD) return change(node);
    return node.kind === Kind.INLINE_FRAGMENT ? { ...node, selectionSet: inSet(node.selectionSet) } : node;
  };
  return {
    ...document,
    definitions: document.definitions.map((each) =>
      each.kind === Kind.OPERATION_DEFINITION ? { ...each, selectionSet: inSet(each.selectionSet) } : each,
    ),
  };
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}
