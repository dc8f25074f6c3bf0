import type { Account } from '../account/account.ts';
import type { TableName, Tables } from '../account/tables.ts';
import { invalidParameter, noSuch } from './errors.ts';
import { integer, isForm, type Parameter, type Read, text } from './parameters.ts';

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 100;
const RANGE_OPERATORS = ['gt', 'gte', 'lt', 'lte'] as const;

type Range = Partial<Record<(typeof RANGE_OPERATORS)[number], number>>;

export interface StripeList<T> {
  readonly object: 'list';
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly url: string;
}

export const listParameters = {
  limit: integer(),
  starting_after: text(),
  ending_before: text(),
  created: range(),
};

type ListTable = { [N in TableName]: Tables[N] extends { created: number } ? N : never }[TableName];

/** A page of a table, newest first. @throws ApiError 400 for a bad limit or an unknown cursor */
export function listPage<N extends ListTable>(
  { store }: Account,
  table: N,
  url: string,
  parameters: Read<typeof listParameters>,
  matches: (record: Tables[N]) => boolean = () => true,
): StripeList<Tables[N]> {
  const { limit = DEFAULT_LIMIT, starting_after: after, ending_before: before, created } = parameters;
  if (limit < 1 || limit > MAX_LIMIT) throw invalidParameter(`Invalid limit: must be between 1 and ${MAX_LIMIT}`, 'limit');
  const all = store
    .list(table)
    .reverse()
    .filter((record) => isWithin(record.created, created) && matches(record));
  const start = after === undefined ? 0 : positionOf(all, after, table, 'starting_after') + 1;
  const end = before === undefined ? all.length : positionOf(all, before, table, 'ending_before');
  const data = before === undefined ? all.slice(start, start + limit) : all.slice(Math.max(start, end - limit), end);
  const left = before === undefined ? all.length - (start + data.length) : end - data.length - start;
  return { object: 'list', data, has_more: left > 0, url };
}

function positionOf(records: readonly { readonly id: string }[], id: string, table: string, parameter: string): number {
  const position = records.findIndex((record) => record.id === id);
  if (position === -1) throw noSuch(table, id, parameter);
  return position;
}

/** `created=123` or `created[gte]=123`; seconds. */
function range(): Parameter<Range | undefined> {
  return {
    isRequired: false,
    read: (value, path) => {
      if (!isForm(value)) {
        const instant = integer().read(value, path);
        return instant === undefined ? {} : { gte: instant, lte: instant };
      }
      const bounds = RANGE_OPERATORS.filter((operator) => operator in value).map((operator) => [
        operator,
        integer().read(value[operator], `${path}[${operator}]`),
      ]);
      return Object.fromEntries(bounds) as Range; // integers by name of the operator
    },
  };
}

function isWithin(seconds: number, { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity }: Range = {}): boolean {
  return seconds > gt && seconds >= gte && seconds < lt && seconds <= lte;
}
