import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { beforeBalancesChange } from './guard.ts';

/** A statement that is planned once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** `id` and `word` are text that we made ourselves or hold in a check: nobody's free text. */
export type ColumnType = 'id' | 'word' | 'text' | 'text[]' | 'bigint' | 'integer' | 'timestamptz' | 'uuid' | 'json' | 'jsonb' | 'bytea';
/** A column and its type; values are handed over as text, because JSON numbers lose money. */
export type Columns = Readonly<Record<string, ColumnType>>;
export type TextRow = readonly (string | null)[];

/**
 * The transaction in which the engine works: a caller's own, or one of the engine's lanes. Statements run in the order in which they are
 * given; one may be given while another runs, so that its text is made meanwhile. What fails fails the transaction; each promise has a handler
 * from the beginning on, whoever waits for it and when.
 */
export interface Sql {
  query<Row extends Record<string, unknown>>(statement: Statement, parameters: readonly unknown[]): Promise<Row[]>;
  /** Adds rows, in the order of the columns. */
  insert(table: string, columns: Columns, rows: readonly TextRow[]): Promise<void>;
  /** For rows that come one by one and leave together. */
  inserting(table: string, columns: Columns): Inserting;
  /** Awaited before the commit, with the accounts whose balances the transaction changes. */
  guard(accountIds: readonly string[]): Promise<void>;
}

export interface Inserting {
  /** @param line of the row, where the caller has made it already */
  add(row: TextRow, line?: string): void;
  send(): Promise<void>;
  /** In the order of their first columns, not in that in which they came. */
  sendSorted(): Promise<void>;
}

/** Lets the event loop turn, so that the next statement is sent as soon as the one that runs is done. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * One after the other on one connection. What follows a failure is never sent: the caller may go back to a savepoint and go on, and what was
 * only a part of what failed would be written there.
 */
function createOrder(): <T>(run: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const next = last.then(run);
    next.catch(() => undefined); // whoever waits for it is told
    last = next;
    return next;
  };
}

/** The caller's transaction. */
export function sqlOf(em: EntityManager): Sql {
  const inOrder = createOrder();
  const insert: Sql['insert'] = (table, columns, rows) => {
    if (rows.length === 0) return Promise.resolve();
    const names = Object.keys(columns);
    const typed = Object.entries(columns).map(([name, type]) => `${name}::${type === 'id' || type === 'word' ? 'text' : type}`);
    const arrays = names.map((_, at) => `$${at + 1}::text[]`);
    const text = `insert into ${table} (${names.join(', ')}) select ${typed.join(', ')} from unnest(${arrays.join(', ')}) as t (${names.join(', ')})`;
    return inOrder(async () => {
      await rawSql(
        em,
        text,
        names.map((_, at) => rows.map((row) => row[at] ?? null)),
      );
    });
  };
  return {
    guard: (accountIds) => {
      const guarded = beforeBalancesChange(em, accountIds);
      guarded.catch(() => undefined);
      return guarded;
    },
    query: (statement, parameters) => inOrder(() => rawSql(em, statement.text, parameters)),
    insert,
    inserting: (table, columns) => {
      const rows: TextRow[] = [];
      return {
        add: (row) => rows.push(row),
        send: () => insert(table, columns, rows),
        sendSorted: () =>
          insert(
            table,
            columns,
            rows.toSorted(([one], [other]) => ((one ?? '') < (other ?? '') ? -1 : 1)),
          ),
      };
    },
  };
}

export function big(value: unknown): bigint {
  return BigInt(String(value));
}

/** `timestamptz` comes as text. */
export function instant(value: unknown): Date {
  return value instanceof Date ? value : new Date(String(value));
}
