import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { LocalError } from './errors.ts';

/** PostgreSQL refuses to run as root; under root both stores run as this account. */
export const STORE_USER_NAME = 'postgres';
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const NOBODY = { uid: 65_534, gid: 65_534 };

export interface StoreUser {
  readonly uid: number;
  readonly gid: number;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Who runs the stores: the store user under root, otherwise nobody special (undefined: ourselves). Creates the account. */
export function ensureStoreUser(): StoreUser | undefined {
  if (!isRoot()) return undefined;
  const existing = findStoreUser();
  if (existing !== undefined) return existing;

  const useradd = findCommand('useradd');
  const created = useradd === undefined ? undefined : createUser(useradd);
  // Looked up again rather than trusting the exit code: another launcher may have created it at the same time.
  const user = findStoreUser();
  if (user !== undefined) return user;
  const reason = created?.stderr.trim() || 'there is no useradd';
  throw new LocalError(
    'STORE_USER_MISSING',
    `The system user "${STORE_USER_NAME}" cannot be created (${reason}). Create it by hand, or start as an ordinary user instead of root.`,
  );
}

export function findStoreUser(): StoreUser | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, STORE_USER_NAME], { encoding: 'utf8' }).stdout?.trim());
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

/**
 * Whether the user may enter this folder, or the nearest one above it that exists. Asked of the kernel in a process of
 * that user, because mode bits alone do not tell about access lists and mounts.
 */
export function canEnter(user: StoreUser | undefined, folder: string): boolean {
  let place = folder;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', place], { ...identity(user), cwd: '/' }).status === 0;
}

/** A stand-in for the store user while it does not exist yet: it has no more rights than this one will have. */
export function futureStoreUser(): StoreUser {
  return findStoreUser() ?? NOBODY;
}

/** The part of spawn's options that makes a child run as `user`. */
export function identity(user: StoreUser | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}

/** Full path of a command on PATH or in the system folders, which root's PATH may lack. */
export function findCommand(name: string, path = process.env.PATH ?? ''): string | undefined {
  return [...path.split(delimiter).filter(Boolean), ...SYSTEM_FOLDERS].map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function createUser(useradd: string) {
  const options = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin'];
  return spawnSync(useradd, [...options, STORE_USER_NAME], { encoding: 'utf8' });
}
