import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
export const MICROS_PER_TICK = 1_000_000 / TICKS_PER_SECOND;

/** CPU time so far of a process, by default this one, of programs that it has run to their end, and of PostgreSQL with all its processes; µs. Linux only. */
export function cpuMicros(postmasterPid: number, ownPid = process.pid): number {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statOf(pid) ?? []);
  const own = stats.filter(({ pid, parent }) => pid === postmasterPid || parent === postmasterPid || pid === ownPid);
  return own.reduce((sum, { ticks }) => sum + ticks, 0) * MICROS_PER_TICK;
}

/** `ticks` with those of children that have ended and were waited for. */
export function statOf(pid: string): { readonly pid: number; readonly parent: number; readonly ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { pid: Number(pid), parent: Number(fields[1]), ticks };
  } catch {
    return null; // it has just ended
  }
}
