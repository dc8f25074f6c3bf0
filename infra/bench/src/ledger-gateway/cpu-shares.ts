import { readdirSync, readFileSync } from 'node:fs';
import { withClient } from '../ledger/books.ts';
import { MICROS_PER_TICK, statOf } from '../ledger/cpu.ts';
import type { StackFacts } from './stack.ts';

/** CPU time so far, µs, by who used it. */
export type CpuShares = ReadonlyMap<string, number>;

/**
 * Of everything that takes part: the event loop of the stack, the other threads of its process (collector, compiler, input and output), Redis, this process,
 * which makes the load, and PostgreSQL by the database and the work of its sessions. Linux only.
 */
export async function cpuShares({ pid, redisPid, postgresPid, adminUrl }: StackFacts & { readonly pid: number }): Promise<CpuShares> {
  const sessions = await withClient(adminUrl, (client) =>
    client.query<{ pid: number; work: string }>(
      `select pid, 'postgres ' || concat_ws(' ', datname, coalesce(nullif(replace(application_name, 'tessera-', ''), ''), 'pool')) as work
       from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    ),
  );
  const works = new Map(sessions.rows.map((row) => [row.pid, row.work]));
  const shares = new Map<string, number>();
  const add = (name: string, ticks: number): void => void shares.set(name, (shares.get(name) ?? 0) + ticks * MICROS_PER_TICK);
  const loop = ticksOfThread(pid, pid);
  add('event loop', loop);
  add('other threads of node', (statOf(String(pid))?.ticks ?? 0) - loop);
  add('redis', statOf(String(redisPid))?.ticks ?? 0);
  add('load', statOf(String(process.pid))?.ticks ?? 0);
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(name) : null;
    if (stat && (stat.pid === postgresPid || stat.parent === postgresPid)) add(works.get(stat.pid) ?? 'postgres, its own', stat.ticks);
  }
  return shares;
}

function ticksOfThread(pid: number, thread: number): number {
  const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Shares of at least half a microsecond per item, the largest first. */
export function describeShares(before: CpuShares, after: CpuShares, items: number): string {
  const used = [...after].map(([name, micros]) => [name, (micros - (before.get(name) ?? 0)) / items] as const);
  return used
    .filter(([, micros]) => micros >= 0.5)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, micros]) => `${name} ${micros.toFixed(1)}`)
    .join(', ');
}
