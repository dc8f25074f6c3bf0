import { defaultFieldResolver, type GraphQLField, type GraphQLFieldResolver, getNamedType, isUnionType } from 'graphql';
import { type AccessRule, allows } from '../access/index.ts';
import { TesseraError } from '../errors/index.ts';
import type { RequestContext } from './context.ts';
import { InvalidInput } from './problems.ts';
import type { ReferenceCheck } from './reference.ts';

const MAX_INPUT_DEPTH = 32;
const MAX_REPRESENTATIONS = 1_000;

/** Wraps a root field: access first, then what no field may take (NUL, broken Unicode), then the field itself. */
export function guardRootField(
  field: GraphQLField<unknown, RequestContext>,
  rule: AccessRule,
  isMutation: boolean,
): GraphQLFieldResolver<unknown, RequestContext> {
  const resolve = field.resolve ?? defaultFieldResolver;
  const isTold = isMutation && canBeInvalid(field);
  return (source, args, context, info) => {
    const decision = allows(rule, context.viewer);
    if (decision === 'UNAUTHENTICATED')
      throw new TesseraError('UNAUTHENTICATED', `${field.name} is for signed-in users: send an access token.`);
    if (decision === 'FORBIDDEN') throw new TesseraError('FORBIDDEN', `You may not call ${field.name}: a scope is missing.`);
    const unstorable = unstorablePath(args);
    if (unstorable && isTold) return new InvalidInput([{ path: unstorable, code: 'invalid_format', message: UNSTORABLE }]);
    if (unstorable) throw unstorableText(unstorable);
    if (isMutation) context.activeMutation = { name: field.name, responseKey: String(info.path.key), args };
    return resolve(source, args, context, info);
  };
}

/**
 * Wraps `_entities`, which anybody who reaches the port may call with any JSON: only types that have a reference resolver (a reference to
 * another would itself be answered as the entity), only keys whose leaves are texts, and a bounded list.
 */
export function guardEntities(
  field: GraphQLField<unknown, RequestContext>,
  types: ReadonlyMap<string, ReferenceCheck>,
): GraphQLFieldResolver<unknown, RequestContext> {
  const resolve = field.resolve ?? defaultFieldResolver;
  return (source, args, context, info) => {
    const representations: readonly unknown[] = args.representations;
    if (representations.length > MAX_REPRESENTATIONS)
      throw new TesseraError('BAD_USER_INPUT', `Ask for at most ${MAX_REPRESENTATIONS} entities at once.`);
    representations.forEach((reference, index) => {
      if (isReference(reference, types)) return;
      const path = ['representations', String(index)];
      throw new TesseraError(
        'BAD_USER_INPUT',
        `${path.join('.')} must hold the __typename of an entity of this subgraph and its id (or another key of it) as a string.`,
        { path },
      );
    });
    const unstorable = unstorablePath(args);
    if (unstorable) throw unstorableText(unstorable);
    return resolve(source, args, context, info);
  };
}

function isReference(value: unknown, types: ReadonlyMap<string, ReferenceCheck>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const reference = value as Readonly<Record<string, unknown>>; // any JSON object
  return typeof reference.__typename === 'string' && types.get(reference.__typename)?.(reference) === true;
}

/** Whether the field can answer bad input as data. */
function canBeInvalid({ type }: GraphQLField<unknown, RequestContext>): boolean {
  const outcome = getNamedType(type);
  return isUnionType(outcome) && outcome.getTypes().some(({ name }) => name === 'InvalidInput');
}

const UNSTORABLE = 'holds a NUL character or broken Unicode: remove it';

/** PostgreSQL cannot hold U+0000, nor UTF-8 a lone surrogate: refused here, with the path, before anything is done. */
function unstorablePath(args: object): string[] | undefined {
  return unstorableIn(args, 0)?.reverse();
}

function unstorableText(path: readonly string[]): TesseraError {
  return new TesseraError('BAD_USER_INPUT', `${path.join('.')} ${UNSTORABLE}.`, { path });
}

/** Where in a value such a text is, from the inside out: only what is refused has a path made for it. */
function unstorableIn(value: unknown, depth: number): string[] | null {
  if (typeof value === 'string') return value.includes('\u0000') || !value.isWellFormed() ? [] : null;
  if (typeof value !== 'object' || value === null || value instanceof Date || depth > MAX_INPUT_DEPTH) return null;
  for (const key of Object.keys(value)) {
    const found = unstorableIn((value as Readonly<Record<string, unknown>>)[key], depth + 1); // any object
    if (found) return [...found, key];
  }
  return null;
}
