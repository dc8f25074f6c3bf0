import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from './errors.ts';

/** What a running stack tells the tools beside it (`events`, `verify`, `token`, `demo`). Holds passwords: readable by its owner only. */
export interface StackState {
  readonly pid: number;
  readonly url: string;
  readonly mailboxUrl: string;
  readonly smtpUrl: string;
  readonly databases: Readonly<Record<string, string>>;
  readonly verifyUrls: Readonly<Record<string, string>>;
  readonly redisUrl: string;
  /** Left out where Stripe itself takes the cards. */
  readonly stripeSimulatorUrl?: string;
  /** URL of each subgraph's own port. */
  readonly subgraphs: Readonly<Record<string, string>>;
}

const OWNER_ONLY = 0o600;

function stateFile(dataDir: string): string {
  return join(dataDir, 'stack.json');
}

export function writeState(dataDir: string, state: StackState): void {
  const file = stateFile(dataDir);
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: OWNER_ONLY });
  chmodSync(`${file}.new`, OWNER_ONLY);
  renameSync(`${file}.new`, file);
}

export function removeState(dataDir: string): void {
  rmSync(stateFile(dataDir), { force: true });
}

/** @throws STACK_NOT_RUNNING when no stack runs on this data directory */
export function readState(dataDir: string): StackState {
  try {
    return JSON.parse(readFileSync(stateFile(dataDir), 'utf8')) as StackState; // written by writeState alone
  } catch (cause) {
    throw new LocalError(
      'STACK_NOT_RUNNING',
      `No stack runs on ${dataDir}. Start one with "npm start", or name its folder with --data-dir.`,
      { cause },
    );
  }
}
