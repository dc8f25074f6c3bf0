import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { LEDGER_RULES, type LedgerRule } from './ledger-rules.ts';
import type { Part } from './part.ts';

const MAX_VIOLATIONS = 100;
export const MAX_SAMPLES = 10;

export interface Found {
  readonly violations: number;
  readonly samples: readonly string[];
}
/** Rules that hold are not there. */
export type FoundByRule = Readonly<Record<string, Found>>;

/** What is wrong in a part of the books. */
export async function provePart(em: EntityManager, part: Part, rules: readonly LedgerRule[] = LEDGER_RULES): Promise<FoundByRule> {
  const found: Record<string, Found> = {};
  for (const { id, sql } of rules) {
    const text = sql(part);
    if (text === null) continue;
    const rows = await rawSql<{ rule?: string; violation: string }>(
      em,
      `with violations as materialized (${text}) select * from violations limit ${MAX_VIOLATIONS}`,
    );
    for (const [rule, own] of Map.groupBy(rows, (row) => row.rule ?? id))
      found[rule] = { violations: own.length, samples: own.slice(0, MAX_SAMPLES).map(({ violation }) => violation) };
  }
  return found;
}

export function merge(first: FoundByRule, second: FoundByRule): FoundByRule {
  const ids = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...ids].map((id) => {
      const [one, other] = [first[id], second[id]];
      const samples = [...(one?.samples ?? []), ...(other?.samples ?? [])].slice(0, MAX_SAMPLES);
      return [id, { violations: Math.min(MAX_VIOLATIONS, (one?.violations ?? 0) + (other?.violations ?? 0)), samples }];
    }),
  );
}
