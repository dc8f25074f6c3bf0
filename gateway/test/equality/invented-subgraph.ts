import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  type DocumentNode,
  execute,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  validate,
  valueFromASTUntyped,
} from 'graphql';
import { hashOf } from './random.ts';

/** A field without arguments that has the values of another with these. */
export interface StandIn {
  readonly field: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * A subgraph whose answers are made up: any field of any schema has a value, and the same value whenever it is asked for in the same way. Some
 * are null, some fail, some entities are not there. Entities are few, so that they come up again and again.
 */
export interface InventedSubgraph {
  readonly name: string;
  readonly typeDefs: DocumentNode;
  answer(query: string, variables: Readonly<Record<string, unknown>>): Promise<InventedAnswer>;
}

export interface InventedAnswer {
  readonly data?: unknown;
  readonly errors?: readonly unknown[];
}

/** So begins what is said of a question that the subgraph's schema does not allow: no executor should ever send one. */
export const NOT_VALID = 'Not valid here:';

const ENTITIES = 5;
const NULL_IN_1000 = 60;

/** Of a thousand fields and entities. */
export interface Luck {
  readonly errors: number;
  readonly missing: number;
}

const USUAL: Luck = { errors: 40, missing: 40 };
/** Nothing fails and every entity is there; null is where it may be. */
export const FAULTLESS: Luck = { errors: 0, missing: 0 };

interface Value {
  readonly __typename: string;
  /** Which of the few objects of its type this is. */
  readonly number: number;
  /** The reference by which it was asked for: of what `@requires` brought, a field answers by what it requires itself. */
  readonly reference?: unknown;
}

interface Inventor {
  readonly subgraph: string;
  readonly schema: GraphQLSchema;
  /** By `Type.field`. */
  readonly requirements: ReadonlyMap<string, SelectionSetNode>;
  readonly standIns: ReadonlyMap<string, StandIn>;
  readonly luck: Luck;
}

export function inventSubgraph(name: string, sdl: string, standIns: Inventor['standIns'] = new Map(), luck = USUAL): InventedSubgraph {
  const typeDefs = parse(sdl);
  const schema = buildSubgraphSchema({ typeDefs });
  const entities = schema.getQueryType()?.getFields()._entities;
  if (entities) Reflect.deleteProperty(entities, 'resolve'); // its own would take the reference itself for the entity
  const invent = createInventor({ subgraph: name, schema, requirements: requirementsIn(typeDefs), standIns, luck });
  return {
    name,
    typeDefs,
    answer: async (query, variables) => {
      const document = parse(query);
      const mistakes = validate(schema, document);
      if (mistakes.length > 0) return { errors: mistakes.map(({ message }) => ({ message: `${NOT_VALID} ${message}` })) };
      const { data, errors } = await execute({
        schema,
        document,
        variableValues: variables,
        fieldResolver: (source: unknown, args: unknown, _context, info) => invent(source as Value | undefined, args, info),
        typeResolver: (value) => (value as Value).__typename,
      });
      const answer = { ...(data === undefined ? {} : { data }), ...(errors ? { errors: errors.map((error) => error.toJSON()) } : {}) };
      return JSON.parse(JSON.stringify(answer)) as InventedAnswer;
    },
  };
}

function createInventor({ subgraph, schema, requirements, standIns, luck: { errors, missing } }: Inventor) {
  return (source: Value | undefined, args: unknown, info: GraphQLResolveInfo): unknown => {
    const { fieldName, parentType, returnType } = info;
    if (fieldName === '__typename') return parentType.name;
    if (fieldName === '_entities') return entitiesOf(args as { representations: readonly Record<string, unknown>[] }, schema, missing);
    const { field, args: given } = standIns.get(fieldName) ?? { field: fieldName, args };
    const required = requirements.get(`${parentType.name}.${fieldName}`);
    const number = String(source?.number ?? 'root');
    const origin = source?.reference && required ? `${number}:${JSON.stringify(requiredOf(source.reference, required))}` : number;
    const seed = `${origin}/${field}/${JSON.stringify(given)}`;
    const isKey = source !== undefined && /^(id|upc|sku|key|code|slug|organization)/i.test(fieldName);
    if (!isKey) {
      const luck = hashOf(`fate/${subgraph}/${seed}`) % 1_000;
      if (luck < errors) throw new Error(`${parentType.name}.${field} of ${origin} failed`);
      if (luck < errors + NULL_IN_1000 && (!isNonNullType(returnType) || (errors > 0 && luck % 8 === 0))) return null;
    }
    return inventedValue(returnType, seed, isKey && source ? source.number : null, schema);
  };
}

/** The values that a field requires, in the order in which it names them, whatever else the reference holds. */
function requiredOf(source: unknown, required: SelectionSetNode): unknown {
  if (Array.isArray(source)) return source.map((each) => requiredOf(each, required));
  if (typeof source !== 'object' || source === null) return source;
  return required.selections.map((node) => {
    if (node.kind === Kind.INLINE_FRAGMENT) return requiredOf(source, node.selectionSet);
    const value = node.kind === Kind.FIELD ? (source as Record<string, unknown>)[node.name.value] : undefined;
    if (value === undefined) return 'missing';
    return node.kind === Kind.FIELD && node.selectionSet ? requiredOf(value, node.selectionSet) : value;
  });
}

function inventedValue(type: GraphQLOutputType, seed: string, number: number | null, schema: GraphQLSchema): unknown {
  if (isNonNullType(type)) return inventedValue(type.ofType, seed, number, schema);
  if (isListType(type)) {
    const length = hashOf(`length/${seed}`) % 4;
    return Array.from({ length }, (_, index) => {
      const isNull = !isNonNullType(type.ofType) && hashOf(`null/${seed}/${index}`) % 12 === 0;
      return isNull ? null : inventedValue(type.ofType, `${seed}/${index}`, number, schema);
    });
  }
  if (isLeafType(type)) return leafOf(type, number === null ? seed : `key-${number}`, number);
  const own = number ?? hashOf(seed) % ENTITIES;
  if (!isAbstractType(type)) return { __typename: type.name, number: own };
  const chosen = possibleType(type, own, schema);
  return chosen ? { __typename: chosen.name, number: own } : null;
}

function possibleType(type: GraphQLAbstractType, number: number, schema: GraphQLSchema): GraphQLObjectType | undefined {
  const possible = [...schema.getPossibleTypes(type)].sort((a, b) => a.name.localeCompare(b.name));
  return possible[number % possible.length];
}

function leafOf(type: GraphQLOutputType, seed: string, number: number | null): unknown {
  const hash = hashOf(seed);
  if (isEnumType(type)) {
    const values = type.getValues();
    return values[hash % values.length]?.value;
  }
  switch (getNamedType(type).name) {
    case 'Int':
      return number ?? (hash % 2_000) - 1_000;
    case 'Float':
      return number ?? (hash % 10_000) / 8;
    case 'Boolean':
      return hash % 2 === 0;
    case 'ID':
      return number === null ? `id-${hash % 100}` : `key-${number}`;
    default:
      return number === null ? TEXTS[hash % TEXTS.length] : `key-${number}`;
  }
}

const TEXTS = [
  'plain',
  'with "quotes"',
  'back\\slash',
  'Zoë – 東京 🎉',
  '',
  'line\nbreak',
  '</script>',
  'a'.repeat(40),
  '__proto__',
  '\u2028',
];

function entitiesOf(
  { representations }: { representations: readonly Record<string, unknown>[] },
  schema: GraphQLSchema,
  missing: number,
): unknown[] {
  return representations.map((reference) => {
    const { __typename, ...rest } = reference;
    const number = numberIn(rest);
    const named = schema.getType(String(__typename));
    const type = isAbstractType(named) ? possibleType(named, number ?? 0, schema) : named;
    if (!isObjectType(type)) throw new Error(`${__typename} is not an entity here`);
    if (number === null || hashOf(`missing/${type.name}/${number}`) % 1_000 < missing) return null;
    return { __typename: type.name, number, reference: rest };
  });
}

/** Every key of an entity ends in its number. What is required beside the keys is looked at last. */
function numberIn(reference: unknown): number | null {
  if (typeof reference === 'number') return reference;
  if (typeof reference === 'string') {
    const digits = /^key-(\d+)$/.exec(reference)?.[1];
    return digits === undefined ? null : Number(digits);
  }
  if (typeof reference !== 'object' || reference === null) return null;
  const members = Object.values(reference);
  const inOrder = ['string', 'object', 'number'].flatMap((kind) => members.filter((each) => typeof each === kind));
  for (const inner of inOrder) {
    const number = numberIn(inner);
    if (number !== null) return number;
  }
  return null;
}

export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** What is required, by `Type.field`. */
function requirementsIn(typeDefs: DocumentNode): ReadonlyMap<string, SelectionSetNode> {
  const found = new Map<string, SelectionSetNode>();
  for (const each of typeDefs.definitions) {
    if (each.kind !== Kind.OBJECT_TYPE_DEFINITION && each.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
    for (const { name, directives = [] } of each.fields ?? []) {
      const fields = directives.find((directive) => directive.name.value === 'requires')?.arguments?.[0]?.value;
      const [definition] = fields ? parse(`{${String(valueFromASTUntyped(fields))}}`).definitions : [];
      if (definition?.kind === Kind.OPERATION_DEFINITION) found.set(`${each.name.value}.${name.value}`, definition.selectionSet);
    }
  }
  return found;
}
