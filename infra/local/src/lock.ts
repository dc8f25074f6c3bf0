import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { codeOf, LocalError } from './errors.ts';
import { isRunning, startOf } from './processes.ts';

const TAKE_OVER_ATTEMPTS = 5;

export interface LockHolder {
  readonly pid: number;
  /** Undefined where the system does not tell; then the pid alone decides. */
  readonly start?: string;
  readonly since: string;
}

export interface Lock {
  readonly file: string;
  release(): void;
}

/**
 * Claims `file` for this process. A lock whose holder has died, even by kill -9, is taken over.
 * @throws DATA_DIR_IN_USE while another holder, or this same process, has it
 */
export function acquireLock(file: string, what: string): Lock {
  const start = startOf(process.pid);
  const content = JSON.stringify({ pid: process.pid, ...(start === undefined ? {} : { start }), since: new Date().toISOString() });
  for (let attempt = 0; attempt < TAKE_OVER_ATTEMPTS; attempt += 1) {
    if (createWith(file, content)) return { file, release: () => releaseIfOurs(file, content) };
    const seen = read(file);
    if (seen === undefined) continue;
    const holder = parse(seen);
    if (holder !== undefined && isAlive(holder)) throw inUse(what, holder);
    moveAside(file, seen);
  }
  throw new LocalError('DATA_DIR_IN_USE', `${what}: several launchers start at once. Start one of them again.`);
}

/** The living holder of the lock, if there is one. */
export function lockHolder(file: string): LockHolder | undefined {
  const seen = read(file);
  const holder = seen === undefined ? undefined : parse(seen);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

function inUse(what: string, holder: LockHolder): LocalError {
  return new LocalError(
    'DATA_DIR_IN_USE',
    `${what} is in use by process ${holder.pid} (since ${holder.since}). Stop that one first (Ctrl-C there, or "kill ${holder.pid}"), or choose another place with --data-dir or --ephemeral.`,
  );
}

/** Content and name appear in one step, so nobody ever reads a half-written lock. */
function createWith(file: string, content: string): boolean {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, content, { mode: 0o644 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Two launchers may judge the same lock stale; the one that moved a fresh lock instead puts it back. */
function moveAside(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
    if (read(aside) !== stale) linkSync(aside, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function releaseIfOurs(file: string, content: string): void {
  if (read(file) === content) rmSync(file, { force: true });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(content: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number') return undefined;
    const start = 'start' in value && typeof value.start === 'string' ? { start: value.start } : {};
    return { pid: value.pid, ...start, since: 'since' in value ? String(value.since) : 'an unknown time' };
  } catch {
    return undefined;
  }
}

function isAlive({ pid, start }: LockHolder): boolean {
  if (!isRunning(pid)) return false;
  const now = startOf(pid);
  return start === undefined || now === undefined || start === now;
}
