import {
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isUnionType,
  parse,
  validate,
} from 'graphql';
import type { Random } from './random.ts';

export interface GeneratedOperation {
  readonly query: string;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

interface Draft {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  readonly variables: Map<string, { readonly type: string; readonly value: unknown }>;
  readonly fragments: string[];
  readonly conditionChance: number;
  /** How many fields may still be written. */
  budget: number;
}

const MAX_DEPTH = 6;
const MAX_FIELDS = 45;
const MAX_TRIES = 50;
const CONDITION_CHANCE = 0.08;
const HOSTILE_ALIASES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'text', 'textOf'];

/** A valid operation over the schema: aliases, arguments, fragments of both kinds, conditions by literal and by variable. */
export function generateOperation(schema: GraphQLSchema, random: Random, conditionChance = CONDITION_CHANCE): GeneratedOperation {
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const draft: Draft = { schema, random, variables: new Map(), fragments: [], conditionChance, budget: 6 + random.below(MAX_FIELDS) };
    const root = random.chance(0.04) ? schema.getMutationType() : schema.getQueryType();
    if (!root) continue;
    const keyword = root === schema.getQueryType() ? 'query' : 'mutation';
    const body = selectionSet(root, draft, 0);
    const definitions = [...draft.variables].map(([name, { type }]) => `$${name}: ${type}`);
    const query = `${keyword} Generated${definitions.length > 0 ? `(${definitions.join(', ')})` : ''} ${body}\n${draft.fragments.join('\n')}`;
    const document = parse(query);
    if (validate(schema, document).length > 0) continue;
    return { query, document, variables: Object.fromEntries([...draft.variables].map(([name, { value }]) => [name, value])) };
  }
  throw new Error('No valid operation was found.');
}

function selectionSet(type: GraphQLCompositeType, draft: Draft, depth: number): string {
  const { random, schema } = draft;
  const parts: string[] = [];
  const count = 1 + random.below(depth === 0 ? 3 : 5);
  for (let index = 0; index < count; index += 1) {
    if (draft.budget <= 0) break;
    if (isAbstractType(type) && random.chance(0.55)) {
      const possible = [...schema.getPossibleTypes(type), ...(isUnionType(type) ? [] : [type])];
      parts.push(fragment(random.pick(possible), draft, depth));
    } else if (random.chance(0.15)) {
      const around = wider(type, draft);
      // Without the name the stock executor forgets the type inside a fragment on an interface.
      if (around) parts.push('__typename');
      parts.push(fragment(around ?? type, draft, depth));
    } else parts.push(field(type, draft, depth));
  }
  const written = parts.filter(Boolean);
  return `{ ${written.length > 0 && !random.chance(0.25) ? written.join(' ') : ['__typename', ...written].join(' ')} }`;
}

/** An interface or union that the type belongs to. */
function wider(type: GraphQLCompositeType, { schema, random }: Draft): GraphQLCompositeType | null {
  const all = Object.values(schema.getTypeMap()).filter(
    (each): each is GraphQLCompositeType & GraphQLNamedType => isAbstractType(each) && !isUnionType(type) && schema.isSubType(each, type),
  );
  return all.length > 0 ? random.pick(all) : null;
}

function fragment(type: GraphQLCompositeType, draft: Draft, depth: number): string {
  const body = selectionSet(type, draft, depth);
  if (!draft.random.chance(0.2)) return `... on ${type.name}${condition(draft)} ${body}`;
  const name = `Part${draft.fragments.length}`;
  draft.fragments.push(`fragment ${name} on ${type.name} ${body}`);
  return `...${name}${condition(draft)}`;
}

function field(type: GraphQLCompositeType, draft: Draft, depth: number): string {
  const { random } = draft;
  draft.budget -= 1;
  if (isUnionType(type)) return '__typename';
  const fields = Object.values(type.getFields()).filter((each) => depth < MAX_DEPTH || !isCompositeType(getNamedType(each.type)));
  if (fields.length === 0) return '__typename';
  const chosen = random.pick(fields);
  const args = argumentsOf(chosen, draft);
  const alias = random.chance(0.12) ? `${aliasFor(chosen.name, random)}: ` : args && random.chance(0.8) ? `a${random.below(1_000)}: ` : '';
  const named = getNamedType(chosen.type);
  const body = isCompositeType(named) ? ` ${selectionSet(named, draft, depth + 1)}` : '';
  return `${alias}${chosen.name}${args}${condition(draft)}${body}`;
}

function aliasFor(name: string, random: Random): string {
  return random.chance(0.3) ? random.pick(HOSTILE_ALIASES) : `${name}_${random.below(4)}`;
}

function condition(draft: Draft): string {
  const { random, conditionChance } = draft;
  if (!random.chance(conditionChance)) return '';
  const directive = random.pick(['skip', 'include']);
  if (random.chance(0.3)) return ` @${directive}(if: ${random.chance(0.5)})`;
  const name = `if${random.below(4)}`;
  if (!draft.variables.has(name)) draft.variables.set(name, { type: 'Boolean!', value: random.chance(0.5) });
  return ` @${directive}(if: $${name})`;
}

function argumentsOf({ args }: GraphQLField<unknown, unknown>, draft: Draft): string {
  const given = args.filter((each) => isRequiredArgument(each) || draft.random.chance(0.4)).map((each) => argument(each, draft));
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

function argument({ name, type }: GraphQLArgument, draft: Draft): string {
  const value = inputOf(type, draft.random);
  const isSafe = /^[A-Za-z0-9_[\]!]+$/.test(String(type));
  if (!isSafe || !draft.random.chance(0.5)) return `${name}: ${literal(value, type)}`;
  const variable = `v${draft.variables.size}`;
  draft.variables.set(variable, { type: String(type), value });
  return `${name}: $${variable}`;
}

/** A value that an argument or a variable of this type may have. */
export function inputOf(type: GraphQLInputType, random: Random, depth = 0): unknown {
  if (isNonNullType(type)) return inputOf(type.ofType, random, depth);
  if (isListType(type)) return Array.from({ length: random.below(3) }, () => inputOf(type.ofType, random, depth));
  if (isEnumType(type)) return random.pick(type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((each) => isNonNullType(each.type) || (depth < 2 && random.chance(0.3)));
    return Object.fromEntries(fields.map((each) => [each.name, inputOf(each.type, random, depth + 1)]));
  }
  return { Int: random.below(50), Float: random.below(100) / 4, Boolean: random.chance(0.5) }[type.name] ?? `key-${random.below(5)}`;
}

function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (Array.isArray(value) && isListType(type)) return `[${value.map((each) => literal(each, type.ofType)).join(', ')}]`;
  if (isEnumType(type)) return String(value);
  if (isInputObjectType(type)) {
    const fields = type.getFields();
    const members = Object.entries(value as Record<string, unknown>).map(([key, inner]) => {
      const inputType = fields[key]?.type;
      return `${key}: ${inputType ? literal(inner, inputType) : JSON.stringify(inner)}`;
    });
    return `{${members.join(', ')}}`;
  }
  return JSON.stringify(value);
}
