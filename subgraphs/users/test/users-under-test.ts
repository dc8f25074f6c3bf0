import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { type Row, rawSql } from '@tessera/service-kit/persistence';
import { actAs, startTestSubgraph, type TestSubgraph } from '@tessera/service-kit/testing';
import { createSubgraph, type UsersConfig, type UsersServices } from '../src/subgraph.ts';
import { type Mailbox, startMailbox } from './mailbox.ts';

export const PASSWORD = 'correct-horse-tessera';

const MIGRATION_FOLDERS = ['../src/migrations/', '../../service-kit/src/messaging/', '../../service-kit/src/idempotency/'];

export interface UsersUnderTest extends TestSubgraph<UsersServices> {
  readonly mailbox: Mailbox;
  sql<T extends Row = Row>(statement: string, parameters?: readonly unknown[]): Promise<T[]>;
  /** A verified account; answers its id, address and a viewer for it. */
  aUser(wanted?: {
    readonly roles?: ('VENDOR' | 'ADMIN')[];
    readonly name?: string;
  }): Promise<{ id: string; email: string; handle: string; viewer: Viewer }>;
  /** Events of one aggregate as `type` in order. */
  eventsOf(aggregateId: string): Promise<string[]>;
}

/** The subgraph with a database and a mailbox of its own. */
export async function startUsers(settings: Partial<UsersConfig> = {}): Promise<UsersUnderTest> {
  const mailbox = await startMailbox();
  const extra = {
    directorySecret: randomBytes(32).toString('base64url'),
    smtpUrl: mailbox.url,
    mailFrom: 'Tessera <no-reply@tessera.example>',
    publicUrl: 'http://tessera.example',
    loginLimitPerAccount: 1_000,
    loginLimitPerAddress: 1_000,
    registerLimitPerAddress: 1_000,
    ...settings,
  };
  const started = await startTestSubgraph<UsersServices, UsersConfig>('users', createSubgraph, extra, { version: migrationSources() });
  const { subgraph } = started;
  const sql: UsersUnderTest['sql'] = (statement, parameters) => rawSql(subgraph.platform.orm.em.fork(), statement, parameters);
  return {
    ...started,
    mailbox,
    sql,
    aUser: async ({ roles = [], name = 'Ada Lovelace' } = {}) => {
      const handle = `u${newId('user').slice(-20)}`;
      const email = `${handle}@example.com`;
      const id = await subgraph.services.operator.ensureUser({ email, password: PASSWORD, displayName: name, handle, roles });
      return { id, email, handle, viewer: actAs.user(id, { roles: ['CUSTOMER', ...roles] }) };
    },
    eventsOf: async (aggregateId) =>
      (await sql<{ type: string }>('select type from outbox where aggregate_id = $1 order by sequence', [aggregateId])).map(
        ({ type }) => type,
      ),
    close: async () => {
      await started.close();
      await mailbox.close();
    },
  };
}

/** A fresh address, so that tests of one suite do not meet. */
export function anAddress(): string {
  return `a${newId('mail').slice(-20)}@example.com`;
}

function migrationSources(): string {
  const files = MIGRATION_FOLDERS.flatMap((folder) => {
    const url = new URL(folder, import.meta.url);
    return readdirSync(url)
      .filter((name) => /^\d{4}-|migration\.ts$/.test(name))
      .sort()
      .map((name) => new URL(name, url));
  });
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}
