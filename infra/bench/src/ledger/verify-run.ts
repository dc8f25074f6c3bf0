import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { sealBatches } from '@tessera/ledger';
import { createSubgraphs, openLedger, openSecrets, serviceEnvironment } from '@tessera/local';
import { unitOfWork } from '@tessera/service-kit/messaging';
import type { VerifyReport } from '@tessera/verify';
import { withClient } from './books.ts';

const VERIFY = fileURLToPath(new URL('../../../verify/src/main.ts', import.meta.url));
const LOOK_MS = 100;

export interface Proof {
  readonly seconds: number;
  /** Of node: how much it held at most. */
  readonly peakMegabytes: number;
  readonly wrong: readonly string[];
  /** The checks that took longest. */
  readonly slowest: readonly string[];
}

/** `npm run verify` of one ledger, as a process of its own, beside four services that have nothing yet. */
export interface Prover {
  full(): Promise<Proof>;
  /** Since the last pass. */
  incremental(): Promise<Proof>;
  close(): void;
}

export async function openProver(adminUrl: string, ledgerUrl: string): Promise<Prover> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-bench-verify-'));
  const checkpoint = join(folder, 'checkpoint');
  const urls = { ...(await emptyStores(adminUrl, folder)), ledger: ledgerUrl };
  const pass = async (options: readonly string[]): Promise<Proof> => {
    await settle(ledgerUrl);
    return runVerify(urls, [...options, '--checkpoint', checkpoint]);
  };
  return {
    full: () => pass(['--full']),
    incremental: async () => {
      if (!existsSync(checkpoint)) throw new Error('An incremental pass goes on from one that held.');
      return pass([]);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

type Urls = Readonly<Record<string, string>>;

/** Migrated, each in a database of its own. */
async function emptyStores(adminUrl: string, folder: string): Promise<Urls> {
  const names = ['users', 'catalog', 'orders', 'payments', 'ledger'].map(
    (service) => [service, `${service}_${randomUUID().slice(0, 8)}`] as const,
  );
  await withClient(adminUrl, async (client) => {
    for (const [, name] of names) await client.query(`create database ${name}`);
  });
  const databases = Object.fromEntries(
    names.map(([service, name]) => [service, Object.assign(new URL(adminUrl), { pathname: name }).href]),
  );
  const nowhere = { redisUrl: 'redis://127.0.0.1:1', smtpUrl: 'smtp://127.0.0.1:1', gatewayPort: 1, subgraphPorts: {} };
  const secrets = openSecrets(join(folder, 'secrets.json'));
  const hosted = await createSubgraphs(serviceEnvironment({ ...nowhere, secrets, databases, logFile: join(folder, 'log') }, {}));
  for (const subgraph of Object.values(hosted)) {
    await subgraph.migrate();
    await subgraph.close();
  }
  return databases;
}

/** What workers and relay do in a running ledger: seal what was committed, and publish what was told. */
async function settle(ledgerUrl: string): Promise<void> {
  const ledger = await openLedger(ledgerUrl);
  const origin = { actor: 'service:bench', correlationId: 'bench', causationId: null, traceparent: null, now: new Date() };
  while ((await unitOfWork(ledger.platform.orm.em, origin, sealBatches)).result);
  await ledger.close();
  await withClient(ledgerUrl, (client) => client.query(PUBLISH));
}

const PUBLISH = `
  with places as (
    select o.id, coalesce(s.last_position, 0) + sum(coalesce(o.packed, 1)) over (partition by o.stream order by o.ordinal) as place
    from outbox o left join outbox_streams s on s.stream = o.stream where o.position is null
  ), placed as (
    update outbox o set position = place, published_at = now() from places p where p.id = o.id returning o.stream, o.position
  )
  insert into outbox_streams (stream, last_position) select stream, max(position) from placed group by stream
  on conflict (stream) do update set last_position = excluded.last_position`;

async function runVerify(urls: Urls, options: readonly string[]): Promise<Proof> {
  console.log(`npm run verify -- ${options.join(' ')}`);
  const variables = Object.entries(urls).map(([service, url]) => [`VERIFY_${service.toUpperCase()}_DATABASE_URL`, url]);
  const startedMs = performance.now();
  const child = spawn(process.execPath, ['--no-warnings', VERIFY, '--json', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'], // on a terminal there is a bar
    env: { PATH: process.env.PATH, ...Object.fromEntries(variables) },
  });
  let peakMegabytes = 0;
  const watch = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid ?? 0));
  }, LOOK_MS);
  const printed = await text(child.stdout).finally(() => clearInterval(watch));
  const report = JSON.parse(printed) as VerifyReport; // as it prints it
  return {
    seconds: (performance.now() - startedMs) / 1_000,
    peakMegabytes,
    wrong: report.checks.flatMap(({ id, violations }) => violations.map((violation) => `${id}: ${violation}`)),
    slowest: report.checks
      .toSorted((one, other) => other.durationMs - one.durationMs)
      .slice(0, 5)
      .map(({ id, durationMs }) => `${id} ${(durationMs / 1_000).toFixed(1)} s`),
  };
}

/** Linux only, as all that measures here. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0; // it has just ended
  }
}
