import type { Ask } from './ask.ts';

/** Facts of other stores are compared once they are this old: what is younger may still be on its way. */
const SETTLED_AFTER_SECONDS = 60;

/** Behind an instant: whether it is that old. */
export const SETTLED = `< now() - interval '${SETTLED_AFTER_SECONDS} seconds'`;

/** Payments of which something has just changed; a dispute changes them too. */
export async function youngPayments(ask: Ask): Promise<Set<string>> {
  const rows = await ask<{ id: string }>(
    'payments',
    `select id from payments where not updated_at ${SETTLED}
     union select payment_id from disputes where not coalesce(closed_at, opened_at) ${SETTLED}`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** Of rows that say so of themselves. */
export function youngOf(rows: ReadonlyMap<string, { readonly id: string; readonly isYoung: boolean }>): string[] {
  return [...rows.values()].filter(({ isYoung }) => isYoung).map(({ id }) => id);
}
