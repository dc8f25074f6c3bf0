import { randomInt } from 'node:crypto';
import type { Ask, Service } from './ask.ts';
import type { Window } from './window.ts';

/** What a check is: a rule of reliability.md in words of SQL. Each answers one row per violation, in a column `violation`. */

/** How much of the ledger a pass looks at, and who is told how far it is. */
export interface Scope {
  /** Null or left out: everything. Only checks of the ledger know windows. */
  readonly window?: Window | null;
  /** From 0 to 1, within the check that runs. */
  readonly onProgress?: (share: number) => void;
}

export interface Check {
  /** Invariant of reliability.md, such as `I3`. */
  readonly invariant: string;
  readonly id: string;
  readonly title: string;
  /** At most `limit` violations, as text. */
  run(ask: Ask, limit: number, scope?: Scope): Promise<string[]>;
}

/** A check that one database can answer alone, and that always looks at everything. */
export function sqlCheck(service: Service, invariant: string, id: string, title: string, sql: string): Check {
  return { invariant, id, title, run: (ask, limit) => violationsOf(ask, service, sql, limit) };
}

export interface LedgerRule {
  readonly invariant: string;
  readonly id: string;
  readonly title: string;
  /** The rule in SQL, over everything or over a window. */
  readonly sql: (window: Window | null) => string;
  /**
   * The same rule over everything as sums of hashes: one pass without a sort, one column `holds`. Where it says no, `sql` names what is
   * wrong, and has the last word. The seed is drawn for each run, so that nobody can prepare rows whose hashes cancel out.
   */
  readonly gate?: (seed: number) => string;
}

export function ledgerCheck({ invariant, id, title, sql, gate }: LedgerRule): Check {
  return {
    invariant,
    id,
    title,
    run: async (ask, limit, { window = null } = {}) => {
      if (gate && !window) {
        const [row] = await ask<{ holds: boolean }>('ledger', gate(randomInt(2 ** 31)));
        if (row?.holds) return [];
      }
      return violationsOf(ask, 'ledger', sql(window), limit);
    },
  };
}

/** Planned as a whole: with the limit in sight the planner would look for the first row, and healthy books have none. */
export async function violationsOf(ask: Ask, service: Service, sql: string, limit: number): Promise<string[]> {
  const rows = await ask<{ violation: string }>(
    service,
    `with violations as materialized (${sql}) select violation from violations limit ${limit}`,
  );
  return rows.map(({ violation }) => violation);
}
