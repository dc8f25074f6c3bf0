import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';

/** A statement that is planned once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A column and its type; values are handed over as text, because JSON numbers lose money. */
export type Columns = Readonly<Record<string, string>>;
export type TextRow = readonly (string | null)[];

/** The transaction in which the engine works: a caller's own, or one of the engine's lanes. */
export interface Sql {
  query<Row extends Record<string, unknown>>(statement: Statement, parameters: readonly unknown[]): Promise<Row[]>;
  /** Adds rows, in the order of the columns. */
  insert(table: string, columns: Columns, rows: readonly TextRow[]): Promise<void>;
}

/** The caller's transaction. */
export function sqlOf(em: EntityManager): Sql {
  return {
    query: (statement, parameters) => rawSql(em, statement.text, parameters),
    insert: async (table, columns, rows) => {
      if (rows.length === 0) return;
      const names = Object.keys(columns);
      const typed = Object.entries(columns).map(([name, type]) => `${name}::${type}`);
      const arrays = names.map((_, at) => `$${at + 1}::text[]`);
      await rawSql(
        em,
        `insert into ${table} (${names.join(', ')}) select ${typed.join(', ')} from unnest(${arrays.join(', ')}) as t (${names.join(', ')})`,
        names.map((_, at) => rows.map((row) => row[at] ?? null)),
      );
    },
  };
}
