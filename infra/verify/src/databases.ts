import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES, type Service } from './ask.ts';
import { CannotRun } from './cannot-run.ts';

export type DatabaseUrls = Readonly<Record<Service, string>>;

/**
 * Where each service keeps its rows: `VERIFY_<SERVICE>_DATABASE_URL` (a role that only reads), else what the running local stack wrote
 * down, else `<SERVICE>_DATABASE_URL`.
 */
export function findDatabases(environment: NodeJS.ProcessEnv, dataDir: string): DatabaseUrls {
  const state = readStackState(dataDir);
  const urls = SERVICES.map((service) => {
    const name = `${service.toUpperCase()}_DATABASE_URL`;
    return [service, environment[`VERIFY_${name}`] || state[service] || environment[name]] as const;
  });
  const missing = urls.filter(([, url]) => !url).map(([service]) => service);
  if (missing.length > 0) {
    throw new CannotRun(
      `No database known of ${missing.join(', ')}: start the local stack (npm start), name its folder with --data-dir, or set VERIFY_<SERVICE>_DATABASE_URL.`,
    );
  }
  return Object.fromEntries(urls) as DatabaseUrls; // every service has an entry, and none is empty
}

function readStackState(dataDir: string): Readonly<Record<string, string | undefined>> {
  const file = join(dataDir, 'stack.json');
  try {
    const state: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const urls = typeof state === 'object' && state !== null && 'verifyUrls' in state ? state.verifyUrls : null;
    return typeof urls === 'object' && urls !== null ? (urls as Record<string, string>) : {}; // written by the stack as text by service
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
    throw new CannotRun(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
