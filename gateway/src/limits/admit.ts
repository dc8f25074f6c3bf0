import { TesseraError } from '@tessera/service-kit/errors';
import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, parse, type SelectionSetNode, visit } from 'graphql';
import { DocumentMemory } from './document-memory.ts';
import { checkInput, isForbiddenName, NumberTooLarge } from './input.ts';
import { LARGE_INPUT_FIELDS, LIMITS, LimitExceeded, type LimitName, LOG_IN_FIELDS } from './limits.ts';
import { measure } from './measure.ts';

/** A request as a client sends it, before anything about it is known. */
export interface OfferedOperation {
  /** Null where none was sent. */
  readonly query: string | null;
  readonly variables?: unknown;
  readonly bodyBytes: number;
  /** Asked by the SHA-256 of the query before anything is parsed; throws where it may not be sent. */
  readonly allow?: (hash: string) => void;
}

export interface Admitted {
  /** Nothing but queries, as far as that is known. */
  readonly isQuestion: boolean;
  /** Of the query. */
  readonly hash: string | null;
}

interface Examined {
  readonly isQuestion: boolean;
  readonly isLarge: boolean;
}

export interface Admission {
  /** Throws `LimitExceeded` or `BAD_USER_INPUT`; passes what cannot be parsed on, so that the server says where the mistake is. */
  admit(operation: OfferedOperation): Admitted;
  /** The text of a query that was admitted lately. */
  textOf(hash: string): string | undefined;
}

/** Bounds what reaches validation and planning, both of which have worse than linear cases. What was admitted once is not measured again. */
export function createAdmission(): Admission {
  const documents = new DocumentMemory<Examined>();
  return {
    admit: ({ query, variables, bodyBytes, allow = () => undefined }) => {
      if (query !== null && query.length > LIMITS.characters) throw new LimitExceeded('characters');
      const document = query === null ? null : documents.recall(query, examine, allow);
      const { isLarge, isQuestion } = document?.facts ?? UNKNOWN;
      if (bodyBytes > LIMITS.bodyBytes && !isLarge) throw new LimitExceeded('bodyBytes');
      checkInput(variables, isLarge);
      return { isQuestion, hash: document?.hash ?? null };
    },
    textOf: (hash) => documents.textOf(hash),
  };
}

const UNKNOWN: Examined = { isLarge: false, isQuestion: false };

/** Every operation of the document: which one runs is named beside it, and may change from request to request. */
function examine(query: string): Examined {
  const document = parseWithin(query);
  if (!document) return UNKNOWN;
  checkNamesAndValues(document);
  const operations = document.definitions.filter((each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION);
  const roots = operations.flatMap((operation) => checkOperation(document, operation));
  return {
    isLarge: roots.some((name) => LARGE_INPUT_FIELDS.has(name)),
    isQuestion: operations.every(({ operation }) => operation === 'query'),
  };
}

function checkOperation(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
  if (operation.operation === 'subscription') refuseRootConditions(document, operation.selectionSet, new Set());
  const measures = measure(document, operation);
  const isMutation = operation.operation === 'mutation';
  const logIns = measures.rootFields.filter((name) => LOG_IN_FIELDS.has(name)).length;
  refuseBeyond('depth', measures.depth);
  refuseBeyond('introspectionDepth', measures.introspectionDepth);
  refuseBeyond('fields', measures.fields);
  refuseBeyond('aliases', measures.aliases);
  refuseBeyond('directives', measures.directives);
  refuseBeyond(isMutation ? 'mutationFields' : 'rootFields', measures.rootFields.length);
  refuseBeyond('logInFields', logIns);
  return measures.rootFields;
}

/** GraphQL specification, "Single Root Field": what is subscribed to does not depend on variables. Validation would fail to say so. */
function refuseRootConditions(document: DocumentNode, { selections }: SelectionSetNode, seen: Set<string>): void {
  for (const node of selections) {
    if (node.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include'))
      throw new TesseraError(
        'BAD_USER_INPUT',
        'The root field of a subscription takes no @skip and no @include: leave the subscription out instead.',
      );
    if (node.kind === Kind.INLINE_FRAGMENT) refuseRootConditions(document, node.selectionSet, seen);
    if (node.kind !== Kind.FRAGMENT_SPREAD || seen.has(node.name.value)) continue;
    seen.add(node.name.value);
    for (const each of document.definitions)
      if (each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === node.name.value)
        refuseRootConditions(document, each.selectionSet, seen);
  }
}

function refuseBeyond(limit: LimitName, measured: number): void {
  if (measured > LIMITS[limit]) throw new LimitExceeded(limit);
}

/** Null for a syntax error. */
function parseWithin(query: string): DocumentNode | null {
  try {
    return parse(query, { maxTokens: LIMITS.tokens, noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError && error.message.includes(`more that ${LIMITS.tokens} tokens`)) throw new LimitExceeded('tokens');
    if (error instanceof GraphQLError) return null;
    // The parser goes down with what is nested: lists within lists end its stack long before they are too many tokens.
    if (error instanceof RangeError) throw new LimitExceeded('inputDepth');
    throw error;
  }
}

/** Names and values in the text, bounded as those in variables are. */
function checkNamesAndValues(document: DocumentNode): void {
  let depth = 0;
  const enter = (): void => {
    depth += 1;
    refuseBeyond('inputDepth', depth);
  };
  const leave = (): void => {
    depth -= 1;
  };
  visit(document, {
    Field: ({ alias }) => refuseName(alias?.value),
    Variable: ({ name }) => refuseName(name.value),
    ObjectField: ({ name }) => refuseName(name.value),
    IntValue: ({ value }) => refuseTooLarge(value),
    FloatValue: ({ value }) => refuseTooLarge(value),
    ObjectValue: { enter, leave },
    ListValue: {
      enter: ({ values }) => {
        refuseBeyond('listItems', values.length);
        enter();
      },
      leave,
    },
  });
}

function refuseName(name: string | undefined): void {
  if (name && isForbiddenName(name)) throw new TesseraError('BAD_USER_INPUT', `The name ${name} is not accepted in an operation.`);
}

function refuseTooLarge(number: string): void {
  if (!Number.isFinite(Number(number))) throw new NumberTooLarge();
}
