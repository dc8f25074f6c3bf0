import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { makeFolder } from '../layout.ts';
import type { StoreUser } from '../store-user.ts';

export interface StandbyOptions {
  /** Of an administrator. */
  readonly primaryUrl: string;
  readonly primaryDir: string;
  /** Must not exist. */
  readonly standbyDir: string;
  readonly user: StoreUser | undefined;
}

const OWNER_ONLY = 0o700;
/** Of the primary's own process, and what it will stream. */
const NOT_COPIED = ['postmaster.pid', 'postmaster.opts'];

/** Copies a running server's data for one that follows it. The bundle has no `pg_basebackup`: this is what it does, step by step. */
export async function copyAsStandby({ primaryUrl, primaryDir, standbyDir, user }: StandbyOptions): Promise<void> {
  const primary = new pg.Client({ connectionString: primaryUrl });
  await primary.connect();
  try {
    await primary.query("select pg_backup_start('standby', true)");
    makeFolder(dirname(standbyDir), 0o711);
    // Files that vanish meanwhile are not part of the backup.
    spawnSync('cp', ['-a', primaryDir, standbyDir]);
    const { rows } = await primary.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    for (const name of NOT_COPIED) rmSync(join(standbyDir, name), { force: true });
    const log = join(standbyDir, 'pg_wal');
    for (const name of readdirSync(log).filter((each) => /^[0-9A-F]{24}$/.test(each))) rmSync(join(log, name));
    write(join(standbyDir, 'backup_label'), rows[0]?.labelfile ?? '', user);
    write(join(standbyDir, 'standby.signal'), '', user);
    appendFileSync(join(standbyDir, 'postgresql.auto.conf'), `primary_conninfo = '${connectionInfo(primaryUrl)}'\n`);
    chmodSync(standbyDir, OWNER_ONLY);
  } finally {
    await primary.end();
  }
}

function write(file: string, content: string, user: StoreUser | undefined): void {
  writeFileSync(file, content, { mode: 0o600 });
  if (user) chownSync(file, user.uid, user.gid);
}

function connectionInfo(primaryUrl: string): string {
  const { hostname, port, username, password } = new URL(primaryUrl);
  return `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}`;
}
