import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type KeptProcess, runKept, type StackState } from '@tessera/local';

export const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));
/** What the programs under test print; kept for an hour. */
export const LOGS = join(tmpdir(), 'tessera-e2e-logs');
/** Names the state file of the stack that all suites share; set it to use a stack that runs already. */
export const STATE_VARIABLE = 'TESSERA_E2E_STATE';
/** A cold start with a build; a warm one takes some 10 s. */
const READY_WITHIN_MS = 150_000;

/** Many people register and log in from one address here. */
const WIDE_LIMITS = {
  USERS_REGISTER_LIMIT_PER_ADDRESS: '100000',
  USERS_LOGIN_LIMIT_PER_ADDRESS: '100000',
  GATEWAY_SOCKETS_PER_USER: '100',
};

export interface Platform extends StackState {
  readonly dataDir: string;
}

export interface StartedPlatform {
  readonly platform: Platform;
  readonly process: KeptProcess;
}

export interface PlatformOptions {
  /** Of `npm start --`. */
  readonly options?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly readyWithinMs?: number;
}

let started = 0;

/** A stack of its own, by the command that people use, on free ports and with data that goes with it unless the options say otherwise. */
export async function startPlatform({
  options = ['--ephemeral'],
  environment = {},
  readyWithinMs = READY_WITHIN_MS,
}: PlatformOptions = {}): Promise<StartedPlatform> {
  const kept = await launchPlatform({ options: ['--port', '0', ...options], environment });
  try {
    await kept.prints(/^Tessera is ready: (\S+)$/m, readyWithinMs);
    return { platform: platformAt(dataDirOf(kept.output())), process: kept };
  } catch (error) {
    await kept.end();
    throw error;
  }
}

/** The same without waiting for anything. */
export async function launchPlatform({ options = [], environment = {} }: PlatformOptions): Promise<KeptProcess> {
  started += 1;
  return runKept([process.execPath, '--no-warnings', 'infra/local/src/start.ts', '--plain', ...options], {
    cwd: CHECKOUT,
    logFile: join(LOGS, `stack-${process.pid}-${started}.log`),
    environment: { ...WIDE_LIMITS, ...environment },
  });
}

/** The stack that all suites share. */
export function sharedPlatform(): Platform {
  const stateFile = process.env[STATE_VARIABLE];
  if (!stateFile) throw new Error(`${STATE_VARIABLE} is not set: run these tests with "npm run test:e2e".`);
  return platformAt(dirname(stateFile));
}

export function platformAt(dataDir: string): Platform {
  const state = JSON.parse(readFileSync(join(dataDir, 'stack.json'), 'utf8')) as StackState; // written by the stack
  return { ...state, dataDir };
}

export function dataDirOf(output: string): string {
  const [, dataDir] = /^ {2}Data +(.+?)(?: \(goes with the stack\)|, stores in .*)?$/m.exec(output) ?? [];
  if (!dataDir) throw new Error(`The stack does not tell where its data are:\n${output}`);
  return dataDir;
}
