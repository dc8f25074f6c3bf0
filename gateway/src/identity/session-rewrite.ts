import type { SubgraphRequest } from '@tessera/service-kit/subgraph';
import { type FieldNode, Kind, type OperationDefinitionNode, parse, print, type SelectionNode, visit } from 'graphql';

/** Mutation → the outcome type that holds tokens. */
const OPENING: Readonly<Record<string, string>> = { sessionOpen: 'SessionOpened', sessionOpenWithProvider: 'SessionOpened', sessionRefresh: 'SessionRefreshed' };
const REFRESHING = 'sessionRefresh';
const CLOSING = 'sessionClose';
const TOKEN_FIELDS: ReadonlySet<string> = new Set(['accessToken', 'refreshToken']);
/** Under names of our own, so that they cannot collide with a client's alias. */
const ADDED = { accessToken: 'tessera_accessToken', refreshToken: 'tessera_refreshToken', expiresAt: 'tessera_expiresAt' } as const;

export interface SessionRewrite {
  readonly query: string;
  /** Response keys of the fields that open or refresh a session. */
  readonly openingKeys: readonly string[];
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
export function withTokens(query: string): SessionRewrite {
  const document = parse(query);
  const operation = document.definitions.find((each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION);
  const fields = (operation?.selectionSet.selections ?? []).filter((each): each is FieldNode => each.kind === Kind.FIELD);
  const opening = fields.filter(({ name }) => Object.hasOwn(OPENING, name.value));
  const blanked = new Set<string>();
  for (const field of opening) {
    visit(field, { Field: ({ name, alias }) => void (TOKEN_FIELDS.has(name.value) && blanked.add(alias?.value ?? name.value)) });
  }
  const rewritten = visit(document, {
    Field: (node, _key, _parent, _path, ancestors) => {
      const type = OPENING[node.name.value];
      return type && node.selectionSet && isRootField(ancestors) ? withSelection(node, type) : undefined;
    },
  });
  return {
    query: print(rewritten),
    openingKeys: opening.map(keyOf),
    closingKeys: fields.filter(({ name }) => name.value === CLOSING).map(keyOf),
    added: ADDED,
    blanked: [...blanked],
  };
}

/** Puts the refresh token of the cookie into every `sessionRefresh` whose input brings none. */
export function giveRefreshToken(request: SubgraphRequest, refreshToken: string | null): SubgraphRequest {
  if (!refreshToken || !request.query.includes(REFRESHING)) return request;
  const variables: Record<string, unknown> = { ...request.variables };
  const query = visit(parse(request.query), {
    Field: (node, _key, _parent, _path, ancestors) => {
      if (node.name.value !== REFRESHING || !isRootField(ancestors)) return undefined;
      return { ...node, arguments: (node.arguments ?? []).map((argument) => ({ ...argument, value: withRefreshToken(argument.value, refreshToken, variables) })) };
    },
  });
  return { ...request, query: print(query), variables };
}

function withRefreshToken(value: NonNullable<FieldNode['arguments']>[number]['value'], refreshToken: string, variables: Record<string, unknown>) {
  if (value.kind === Kind.VARIABLE) {
    const given = variables[value.name.value];
    if (typeof given === 'object' && given !== null && !hasToken(given)) variables[value.name.value] = { ...given, refreshToken };
    return value;
  }
  if (value.kind !== Kind.OBJECT || value.fields.some(({ name, value: inner }) => name.value === 'refreshToken' && inner.kind !== Kind.NULL)) return value;
  const field = { kind: Kind.OBJECT_FIELD, name: { kind: Kind.NAME, value: 'refreshToken' }, value: { kind: Kind.STRING, value: refreshToken } } as const;
  return { ...value, fields: [...value.fields.filter(({ name }) => name.value !== 'refreshToken'), field] };
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

/** Document, its definitions, the operation, its selection set, the selections. */
function isRootField(ancestors: readonly unknown[]): boolean {
  return ancestors.length === 5;
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}
