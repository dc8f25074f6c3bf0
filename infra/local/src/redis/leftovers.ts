import { processesWorkingIn, type StopStep, stopProcesses } from '../processes.ts';

const SERVER_NAMES = ['redis-server', 'valkey-server'];
/** SIGTERM makes it write what the append-only file lacks. */
export const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGTERM', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 3_000 },
];

/** Pids of Redis servers on this data directory, whoever started them. */
export function redisProcesses(dataDir: string): number[] {
  return processesWorkingIn(dataDir, SERVER_NAMES);
}

/** Ends a server that a killed launcher left on `dataDir`; the caller holds its lock. */
export async function stopLeftoverRedis(dataDir: string): Promise<boolean> {
  const found = redisProcesses(dataDir);
  await stopProcesses(found, STOP_STEPS);
  return found.length > 0;
}
