import { sha256 } from '@tessera/service-kit/crypto';
import { TesseraError } from '@tessera/service-kit/errors';
import { type DocumentNode, getOperationAST, GraphQLError, Kind, type OperationDefinitionNode, parse, visit } from 'graphql';
import { checkInput, isForbiddenName } from './input.ts';
import { LARGE_INPUT_FIELDS, LIMITS, LimitExceeded, LOG_IN_FIELDS } from './limits.ts';
import { measure } from './measure.ts';

const MAX_REMEMBERED = 5_000;

/** An operation as a client sends it, before anything about it is known. */
export interface OfferedOperation {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: unknown;
  readonly bodyBytes: number;
}

export interface Admission {
  /** Throws `LimitExceeded` or `BAD_USER_INPUT`; passes what cannot be parsed on, so that the server says where the mistake is. */
  admit(operation: OfferedOperation): void;
}

/** Bounds what reaches validation and planning, both of which have worse than linear cases. What was admitted once is not measured again. */
export function createAdmission(): Admission {
  const remembered = new Map<string, { readonly isLarge: boolean }>();
  return {
    admit: ({ query, operationName, variables, bodyBytes }) => {
      if (query.length > LIMITS.characters) throw new LimitExceeded('characters');
      const key = sha256(`${operationName ?? ''}\n${query}`);
      const known = remembered.get(key) ?? examine(query, operationName);
      if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
      remembered.set(key, known);
      if (bodyBytes > LIMITS.bodyBytes && !known.isLarge) throw new LimitExceeded('bodyBytes');
      checkInput(variables, known.isLarge);
    },
  };
}

function examine(query: string, operationName: string | undefined): { readonly isLarge: boolean } {
  const document = parseWithin(query);
  if (!document) return { isLarge: false };
  checkNamesAndLists(document);
  const chosen = getOperationAST(document, operationName);
  const operations = chosen ? [chosen] : document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const roots = operations.flatMap((operation) => checkOperation(document, operation));
  return { isLarge: roots.some((name) => LARGE_INPUT_FIELDS.has(name)) };
}

function checkOperation(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
  const measures = measure(document, operation);
  if (measures.depth > LIMITS.depth) throw new LimitExceeded('depth');
  if (measures.introspectionDepth > LIMITS.introspectionDepth) throw new LimitExceeded('introspectionDepth');
  if (measures.fields > LIMITS.fields) throw new LimitExceeded('fields');
  if (measures.aliases > LIMITS.aliases) throw new LimitExceeded('aliases');
  if (measures.directives > LIMITS.directives) throw new LimitExceeded('directives');
  if (measures.rootFields.length > LIMITS.rootFields) throw new LimitExceeded('rootFields');
  if (operation.operation === 'mutation' && measures.rootFields.length > LIMITS.mutationFields) throw new LimitExceeded('mutationFields');
  if (measures.rootFields.filter((name) => LOG_IN_FIELDS.has(name)).length > LIMITS.logInFields) throw new LimitExceeded('logInFields');
  return measures.rootFields;
}

/** Null for a syntax error. */
function parseWithin(query: string): DocumentNode | null {
  try {
    return parse(query, { maxTokens: LIMITS.tokens, noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError && error.message.includes(`more that ${LIMITS.tokens} tokens`)) throw new LimitExceeded('tokens');
    if (error instanceof GraphQLError) return null;
    throw error;
  }
}

function checkNamesAndLists(document: DocumentNode): void {
  visit(document, {
    Field: ({ alias }) => refuseName(alias?.value),
    Variable: ({ name }) => refuseName(name.value),
    ObjectField: ({ name }) => refuseName(name.value),
    ListValue: ({ values }) => {
      if (values.length > LIMITS.listItems) throw new LimitExceeded('listItems');
    },
  });
}

function refuseName(name: string | undefined): void {
  if (name && isForbiddenName(name)) throw new TesseraError('BAD_USER_INPUT', `The name ${name} is not accepted in an operation.`);
}
