import {
  type GraphQLInputField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';

/** One changed place of an otherwise right input. */
export interface Case {
  /** Such as `amount.minor = a fraction`. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What one place can be set to. */
interface Value {
  readonly name: string;
  readonly value: unknown;
}

type Input = Readonly<Record<string, unknown>>;

const ABSENT = Symbol('absent');
const HUGE_TEXT = 'x'.repeat(100_000);
const NUL = 'a\u0000b';
/** Overrides of the direction, which make text look like another. */
const RIGHT_TO_LEFT = '\u202Eגיבור\u202C';
const MAX_DEPTH = 4;

/** Inputs that must be refused, whatever the mutation: one place each is of a wrong type, missing, unbounded, or names what is not there. */
export function mustBeRefused(type: GraphQLInputType, base: Input, foreignIds: Readonly<Record<string, string>>): Case[] {
  return casesOf(type, base, (place) => [...wrong(place), ...(isIdOfThing(place) ? idsOfOthers(place.value, foreignIds) : [])]);
}

/** Inputs that a mutation may take or refuse, as long as it answers clearly. */
export function mayBeTaken(type: GraphQLInputType, base: Input): Case[] {
  return casesOf(type, base, (place) => odd(place));
}

interface Place {
  readonly path: readonly string[];
  readonly type: GraphQLInputType;
  /** What the right input has here. */
  readonly value: unknown;
}

function casesOf(type: GraphQLInputType, base: Input, valuesFor: (place: Place) => readonly Value[]): Case[] {
  return placesOf(type, base).flatMap((place) =>
    valuesFor(place).map(({ name, value }) => ({ name: `${place.path.join('.')} = ${name}`, input: withValue(base, place.path, value) })),
  );
}

/** Every field of the type, and of the types in it where the right input has something there. */
function placesOf(type: GraphQLInputType, value: unknown, path: readonly string[] = []): Place[] {
  const named = getNamedType(type);
  if (!isInputObjectType(named) || path.length > MAX_DEPTH) return [];
  const object = (isListType(getNullableType(type)) && Array.isArray(value) ? value[0] : value) as Input | undefined; // an input object of our own
  if (object === undefined || object === null) return [];
  const here = isListType(getNullableType(type)) ? [...path, '0'] : path;
  return Object.values(named.getFields()).flatMap((field: GraphQLInputField) => {
    const place = { path: [...here, field.name], type: field.type, value: object[field.name] };
    return [place, ...placesOf(field.type, place.value, place.path)];
  });
}

function wrong({ path, type }: Place): Value[] {
  const isRequired = isNonNullType(type);
  const isKey = path.at(-1) === 'idempotencyKey';
  const missing = isRequired ? [named('missing', ABSENT), named('null', null)] : [];
  const inner = getNullableType(type);
  if (isListType(inner))
    return [
      ...missing,
      named('a list of null', [null]),
      named(
        '1,200 entries',
        Array.from({ length: 1_200 }, () => 'x'),
      ),
    ];
  const kind = getNamedType(type);
  if (isInputObjectType(kind))
    return [...missing, named('text', 'text'), named('a list of text', ['text']), named('an unknown field', { nothingLikeIt: 1 })];
  if (isEnumType(kind))
    return [...missing, named('an unknown value', 'NOTHING_LIKE_IT'), named('a number', 1), named('an object', { a: 1 })];
  const byScalar = WRONG_SCALARS[kind.name] ?? [];
  const empty = isRequired && kind.name !== 'Int' && !isKey ? [named('empty', '')] : [];
  return [...missing, ...empty, ...byScalar, named('an object', { a: 1 }), named('a list', ['a', 'b'])];
}

const text = [named('100,000 characters', HUGE_TEXT), named('NUL', NUL)];
const WRONG_SCALARS: Readonly<Record<string, readonly Value[]>> = {
  String: [...text, named('a number', 42), named('true', true)],
  ID: [...text, named('true', true), named('a fraction', 1.5)],
  Int: [
    named('negative', -1),
    named('huge', 2_147_483_647),
    named('beyond 32 bits', 2_147_483_648),
    named('a fraction', 1.5),
    named('text', '5'),
  ],
  Boolean: [named('text', 'yes'), named('a number', 1)],
  MinorUnits: [
    ...text,
    ...[named('negative', '-1'), named('beyond 64 bits', '9223372036854775808'), named('the largest', '9223372036854775807')],
    ...[named('a fraction', '1.5'), named('no number', 'NaN'), named('a float', 1.5), named('empty', ''), named('an exponent', '1e3')],
  ],
  CurrencyCode: [...text, named('unknown', 'XQQ'), named('lower case', 'usd'), named('right to left', RIGHT_TO_LEFT), named('empty', '')],
  CountryCode: [...text, named('three letters', 'USA'), named('no country', 'ZZ'), named('empty', '')],
  EmailAddress: [
    ...text,
    named('no address', 'nobody'),
    named('two addresses', 'a@b.example, c@d.example'),
    named('a line break', 'a@b.example\r\nBcc: c@d.example'),
  ],
  URL: [...text, named('a script', 'javascript:alert(1)'), named('no URL', 'nowhere')],
  PhoneNumber: [...text, named('letters', 'call me')],
};

function odd({ path, type }: Place): Value[] {
  const nothing = isNonNullType(type) ? [] : [named('null', null)];
  const inner = getNullableType(type);
  if (isListType(inner)) return [...nothing, named('an empty list', [])];
  const kind = getNamedType(type);
  if (kind.name === 'Int') return [...nothing, named('zero', 0)];
  if (kind.name === 'MinorUnits') return [...nothing, named('zero', '0'), named('leading zeros', '007')];
  if (kind.name === 'CountryCode') return [...nothing, named('lower case', 'us')];
  if (kind.name !== 'String' && kind.name !== 'ID') return nothing;
  const odds = [
    named('right to left', RIGHT_TO_LEFT),
    named('blanks', '   '),
    named('quotes', `'"; drop table orders; --`),
    named('a lone surrogate', '\uD800'),
  ];
  return [...nothing, ...odds, ...(path.at(-1) === 'idempotencyKey' || !isNonNullType(type) ? [named('empty', '')] : [])];
}

function isIdOfThing({ path, type, value }: Place): boolean {
  return getNamedType(type).name === 'ID' && path.at(-1) !== 'idempotencyKey' && (typeof value === 'string' || value === undefined);
}

/** Ids of what is not there, of another kind, and of what belongs to somebody else. */
function idsOfOthers(value: unknown, foreignIds: Readonly<Record<string, string>>): Value[] {
  if (typeof value !== 'string') return [named('an unknown id', 'nothing_like_it')];
  const prefix = value.slice(0, value.indexOf('_'));
  const foreign = foreignIds[prefix];
  return [
    named('an unknown id', `${prefix}_01jd${'0'.repeat(22)}`),
    named('an id of another kind', `fls_${value.slice(prefix.length + 1)}`),
    named('no id', 'nothing like an id'),
    named('right to left', RIGHT_TO_LEFT),
    ...(foreign && foreign !== value ? [named('a foreign id', foreign)] : []),
  ];
}

function named(name: string, value: unknown): Value {
  return { name, value };
}

function withValue(base: unknown, [step = '', ...rest]: readonly string[], value: unknown): Input {
  if (Array.isArray(base))
    return base.map((entry, index) => (String(index) === step ? withValue(entry, rest, value) : entry)) as unknown as Input; // a list at this place
  const object = base as Input; // paths lead through objects and lists only
  const { [step]: before, ...others } = object;
  if (rest.length > 0) return { ...others, [step]: withValue(before, rest, value) };
  return value === ABSENT ? others : { ...others, [step]: value };
}
