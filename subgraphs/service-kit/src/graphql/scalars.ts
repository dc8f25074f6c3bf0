import 'reflect-metadata'; // type-graphql's decorators ask for it
import { CURRENCIES, isCurrencyCode } from '@tessera/schema/contract';
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { GraphQLCountryCode, GraphQLEmailAddress, GraphQLLocale } from 'graphql-scalars';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_CURSOR_LENGTH = 2_000;
const MAX_URL_LENGTH = 2_048;

/** In and out of the code: `bigint`. On the wire a string, because JSON numbers lose money beyond 2^53. */
export const MinorUnits = textScalar<bigint>({
  name: 'MinorUnits',
  description: 'A signed 64-bit integer as a string: an amount in the smallest unit of its currency.',
  parse: (text) => {
    if (!/^-?(0|[1-9]\d{0,18})$/.test(text)) throw new GraphQLError('MinorUnits must be a whole number as a string, such as "1999".');
    const minor = BigInt(text);
    if (minor > MAX_INT64 || minor < MIN_INT64) throw new GraphQLError('MinorUnits must fit in 64 bits.');
    return minor;
  },
  print: (value) => String(value),
});

export const CurrencyCodeScalar = textScalar<string>({
  name: 'CurrencyCode',
  description: 'An ISO 4217 currency code such as EUR.',
  parse: (text) => {
    if (!isCurrencyCode(text)) throw new GraphQLError(`CurrencyCode must be one of ${Object.keys(CURRENCIES).join(', ')}.`);
    return text;
  },
  print: String,
});

export const DateTime = textScalar<Date>({
  name: 'DateTime',
  description: 'An instant as RFC 3339 in UTC with milliseconds, such as 2026-11-21T09:30:00.000Z.',
  parse: (text) => {
    const [, day] = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
    const instant = new Date(day && isRealDay(day) ? text : Number.NaN);
    if (Number.isNaN(instant.getTime())) throw new GraphQLError('DateTime must be RFC 3339, such as 2026-11-21T09:30:00.000Z.');
    return instant;
  },
  print: (value) => (value instanceof Date ? value : new Date(String(value))).toISOString(),
});

export const CalendarDate = textScalar<string>({
  name: 'Date',
  description: 'A calendar day as YYYY-MM-DD.',
  parse: (text) => {
    if (!/^\d{4}-\d\d-\d\d$/.test(text) || !isRealDay(text)) throw new GraphQLError('Date must be a real day as YYYY-MM-DD.');
    return text;
  },
  print: (value) => (value instanceof Date ? value.toISOString().slice(0, 10) : String(value)),
});

/** JavaScript takes the 30th of February for the 2nd of March. */
function isRealDay(day: string): boolean {
  const start = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(start.getTime()) && start.toISOString().startsWith(day);
}

export const Cursor = textScalar<string>({
  name: 'Cursor',
  description: 'An opaque, signed place in a list or a stream of events: pass it back unchanged.',
  parse: (text) => {
    if (text.length === 0 || text.length > MAX_CURSOR_LENGTH) throw new GraphQLError('Cursor must be one that an earlier answer gave.');
    return text;
  },
  print: String,
});

/** Not the one of graphql-scalars: its pattern takes exponential time on a long row of digits. */
export const PhoneNumber = textScalar<string>({
  name: 'PhoneNumber',
  description: 'A telephone number as E.164, such as +4915112345678.',
  parse: (text) => {
    if (!/^\+[1-9]\d{6,14}$/.test(text)) throw new GraphQLError('PhoneNumber must be E.164, such as +4915112345678.');
    return text;
  },
  print: String,
});

/** Text inside the code too: a URL object has no own fields, so every URL would have the same idempotency fingerprint. */
export const Url = textScalar<string>({
  name: 'URL',
  description: 'An absolute http or https URL of at most 2,048 characters.',
  parse: (text) => {
    const url = text.length <= MAX_URL_LENGTH && URL.canParse(text) ? new URL(text) : null;
    if (!url || !['http:', 'https:'].includes(url.protocol))
      throw new GraphQLError('URL must be an absolute http or https URL of at most 2,048 characters.');
    return text;
  },
  print: String,
});

export { GraphQLCountryCode as CountryCode, GraphQLEmailAddress as EmailAddress, GraphQLLocale as Locale };

/** All of the above. */
export const SCALARS: readonly GraphQLScalarType[] = [
  ...[MinorUnits, CurrencyCodeScalar, DateTime, CalendarDate, Cursor, PhoneNumber, Url],
  ...[GraphQLCountryCode, GraphQLEmailAddress, GraphQLLocale],
];

interface TextScalar<T> {
  readonly name: string;
  readonly description: string;
  readonly parse: (text: string) => T;
  readonly print: (value: unknown) => string;
}

/** A scalar that is a JSON string on the wire and refuses everything else. */
function textScalar<T>({ name, description, parse, print }: TextScalar<T>): GraphQLScalarType<T, string> {
  const parseValue = (value: unknown): T => {
    if (typeof value !== 'string') throw new GraphQLError(`${name} must be a string.`);
    return parse(value);
  };
  return new GraphQLScalarType<T, string>({
    name,
    description,
    serialize: print,
    parseValue,
    parseLiteral: (node: ValueNode) => {
      if (node.kind !== Kind.STRING) throw new GraphQLError(`${name} must be a string.`, { nodes: node });
      return parse(node.value);
    },
  });
}
