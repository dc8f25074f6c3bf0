/** What a check is: a rule of reliability.md in words of SQL. Each answers one row per violation, in a column `violation`. */

export const SERVICES = ['users', 'catalog', 'orders', 'payments', 'ledger'] as const;
export type Service = (typeof SERVICES)[number];

/** Runs a query in the read-only snapshot of one service's database. */
export type Ask = <Row extends Record<string, unknown>>(service: Service, sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;

export interface Check {
  /** Invariant of reliability.md, such as `I3`. */
  readonly invariant: string;
  readonly id: string;
  readonly title: string;
  /** At most `limit` violations, as text. */
  run(ask: Ask, limit: number): Promise<string[]>;
}

/** A check that one database can answer alone. */
export function sqlCheck(service: Service, invariant: string, id: string, title: string, sql: string): Check {
  return {
    invariant,
    id,
    title,
    run: async (ask, limit) => {
      // Planned as a whole: with the limit in sight the planner would look for the first row, and healthy books have none.
      const rows = await ask<{ violation: string }>(
        service,
        `with violations as materialized (${sql}) select violation from violations limit ${limit}`,
      );
      return rows.map(({ violation }) => violation);
    },
  };
}
