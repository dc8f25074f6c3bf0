import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { LocalError } from '../errors.ts';

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const CONNECT_TIMEOUT_MS = 15_000;
const PASSWORD_BYTES = 24;

export interface ProvisionedDatabase {
  readonly url: string;
  readonly database: string;
  /** Has the same name as the database. */
  readonly role: string;
  readonly password: string;
}

/** Closes the databases of the server itself, so that a role reaches only what it is granted. Once per cluster start. */
export async function closeSystemDatabases(adminUrl: string): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    await admin.query('REVOKE ALL ON DATABASE postgres FROM PUBLIC');
    await admin.query('REVOKE ALL ON DATABASE template1 FROM PUBLIC');
  });
}

/**
 * One database and one login role of the same name that can connect to it and to no other. The role owns schema
 * `public`, not the database, so it cannot let others in. Repeatable: an existing role gets the password set.
 * @param password random when not given
 * @throws POSTGRES_NAME_INVALID
 */
export async function provisionDatabase(
  adminUrl: string,
  name: string,
  password = randomBytes(PASSWORD_BYTES).toString('base64url'),
): Promise<ProvisionedDatabase> {
  const id = identifier(name);
  await withClient(adminUrl, async (admin) => {
    // Held until this connection ends: two callers must not make the same role at once.
    await admin.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    await setLoginRole(admin, name, password);
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await admin.query(`CREATE DATABASE ${id}`);
    await admin.query(`REVOKE ALL ON DATABASE ${id} FROM PUBLIC`);
    // CREATE is for schemas and trusted extensions such as pg_trgm.
    await admin.query(`GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${id} TO ${id}`);
    await withClient(inDatabase(adminUrl, name), (inside) => inside.query(`ALTER SCHEMA public OWNER TO ${id}`));
  });
  return { url: asRole(adminUrl, name, password, name), database: name, role: name, password };
}

/**
 * One role that can read every table, present and future, of the given provisioned databases and change nothing.
 * @returns its connection string per database
 */
export async function provisionReader<Database extends string>(
  adminUrl: string,
  role: string,
  password: string,
  databases: readonly Database[],
): Promise<Record<Database, string>> {
  const reader = identifier(role);
  await withClient(adminUrl, async (admin) => {
    await setLoginRole(admin, role, password);
    // The grants below are what protects; this makes a mistaken write fail early and with a clear message.
    await admin.query(`ALTER ROLE ${reader} SET default_transaction_read_only = on`);
  });
  for (const database of databases) {
    const owner = identifier(database);
    await withClient(inDatabase(adminUrl, database), async (admin) => {
      await admin.query(`GRANT CONNECT ON DATABASE ${owner} TO ${reader}`);
      await admin.query(`GRANT USAGE ON SCHEMA public TO ${reader}`);
      await admin.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${reader}`);
      await admin.query(`ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT SELECT ON TABLES TO ${reader}`);
      await admin.query(`ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT USAGE ON SCHEMAS TO ${reader}`);
    });
  }
  const urls = databases.map((database) => [database, asRole(adminUrl, role, password, database)] as const);
  return Object.fromEntries(urls) as Record<Database, string>; // One entry per given database.
}

async function setLoginRole(admin: pg.Client, name: string, password: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  await admin.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${identifier(name)} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
}

function identifier(name: string): string {
  if (!NAME.test(name))
    throw new LocalError(
      'POSTGRES_NAME_INVALID',
      `"${name}" is no name for a database: use a-z, 0-9 and _, beginning with a letter, at most 63.`,
    );
  return pg.escapeIdentifier(name);
}

function inDatabase(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

function asRole(adminUrl: string, role: string, password: string, database: string): string {
  const url = new URL(inDatabase(adminUrl, database));
  url.username = role;
  url.password = encodeURIComponent(password);
  return url.href;
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
