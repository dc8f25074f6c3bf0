import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentOf, processesWorkingIn, type StopStep, stopProcesses, waitUntil } from '../processes.ts';

const SERVER_NAMES = ['postgres'];
const ORPHANED_BACKENDS_MS = 2_000;
/** Fast shutdown, then immediate (recovers from the log at the next start), then the kernel's way. */
export const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 3_000 },
];

/** Pids of PostgreSQL processes on this data directory, whoever started them. */
export function postgresProcesses(dataDir: string): number[] {
  return processesWorkingIn(dataDir, SERVER_NAMES);
}

/**
 * Ends a server that a killed launcher left on `dataDir`, and its pid file. The caller holds the directory's lock, so
 * no living launcher owns that server. Stopping rather than adopting: it may run on another port with other settings.
 * @returns whether there was one
 */
export async function stopLeftoverPostgres(dataDir: string): Promise<boolean> {
  const found = postgresProcesses(dataDir);
  if (found.length > 0) {
    // The server stops its own backends. They show up alone when the server was killed and then end by themselves.
    const servers = found.filter((pid) => !found.includes(parentOf(pid) ?? 0));
    await stopProcesses(servers, STOP_STEPS);
    const areGone = await waitUntil(() => postgresProcesses(dataDir).length === 0, ORPHANED_BACKENDS_MS);
    if (!areGone) await stopProcesses(postgresProcesses(dataDir), STOP_STEPS.slice(1));
  }
  // Its pid may since belong to another process, or come from a copied directory; the server would then refuse to start.
  rmSync(join(dataDir, 'postmaster.pid'), { force: true });
  return found.length > 0;
}
