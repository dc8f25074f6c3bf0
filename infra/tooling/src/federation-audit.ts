import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { createGateway, type Gateway } from '@tessera/gateway';
import { createLogger } from '@tessera/service-kit/service';

/**
 * `node infra/tooling/src/federation-audit.ts CHECKOUT [--executor apollo|tessera] [--suite NAME] [--verbose]`: the public federation gateway audit
 * (graphql-hive/federation-gateway-audit) against this gateway, over HTTP on loopback. CHECKOUT has its own dependencies installed, `tsx` among
 * them; nothing in it is changed. Exits 1 unless every case passes.
 */
const SUBGRAPHS_PORT = 4_200;
const START_MS = 60_000;
const CASE_MS = 10_000;
const EXECUTORS = ['apollo', 'tessera'] as const;

interface Case {
  readonly query: string;
  readonly expected: { readonly data?: unknown; readonly errors?: boolean };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { executor: { type: 'string', default: 'tessera' }, suite: { type: 'string' }, verbose: { type: 'boolean', default: false } },
});
const [checkout] = positionals;
const executor = EXECUTORS.find((each) => each === values.executor);
if (!checkout || !executor) {
  process.stderr.write('Give the path of a checkout of graphql-hive/federation-gateway-audit, and apollo or tessera as executor.\n');
  process.exit(2);
}
const origin = `http://localhost:${SUBGRAPHS_PORT}`;
if (await isAnswered(origin)) {
  process.stderr.write(`Somebody answers at ${origin} already: those would not be the subgraphs of the checkout.\n`);
  process.exit(2);
}
const subgraphs = startSubgraphs(checkout);
try {
  process.exitCode = await audit(executor);
} finally {
  subgraphs.kill();
}

async function audit(chosen: (typeof EXECUTORS)[number]): Promise<number> {
  const ids = await fetchJson<string[]>('/ids', START_MS);
  let passed = 0;
  let total = 0;
  for (const id of ids.filter((each) => !values.suite || each === values.suite)) {
    const failures = await auditSuite(id, chosen);
    passed += failures.filter((failure) => failure === null).length;
    total += failures.length;
    process.stdout.write(`${failures.map((failure) => (failure === null ? '.' : 'X')).join('')} ${id}\n`);
    for (const failure of failures) if (failure !== null && values.verbose) process.stdout.write(`${failure}\n`);
  }
  process.stdout.write(`${chosen}: ${passed} of ${total}\n`);
  return passed === total && total > 0 ? 0 : 1;
}

/** For each case null, or what was wrong. */
async function auditSuite(id: string, chosen: (typeof EXECUTORS)[number]): Promise<(string | null)[]> {
  const supergraphSdl = await (await fetch(`${origin}/${id}/supergraph`)).text();
  const gateway = startGateway(supergraphSdl, chosen);
  try {
    const { url } = await gateway.listen();
    const cases = await fetchJson<Case[]>(`/${id}/tests`, START_MS);
    const failures: (string | null)[] = [];
    for (const each of cases) failures.push(await check(`${url}/graphql`, each));
    return failures;
  } finally {
    await gateway.close({ timeoutMs: 500 });
  }
}

/** Asked once: what is right only now and then is wrong. */
async function check(url: string, { query, expected }: Case): Promise<string | null> {
  const wanted = { data: expected.data ?? null, errors: typeof expected.errors === 'boolean' ? expected.errors : null };
  const answer = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(CASE_MS),
  });
  const { data, errors } = (await answer.json()) as { data?: unknown; errors?: unknown[] };
  const received = { data: data ?? null, errors: wanted.errors === null ? null : (errors?.length ?? 0) > 0 };
  if (isDeepStrictEqual(received, wanted)) return null;
  return `${query}\n  expected ${JSON.stringify(wanted)}\n  received ${JSON.stringify(received)}`;
}

async function isAnswered(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

function startSubgraphs(path: string): ChildProcess {
  const tsx = join(path, 'node_modules/tsx/dist/cli.mjs');
  return spawn(process.execPath, [tsx, 'src/cli.ts', 'serve', '--port', String(SUBGRAPHS_PORT)], { cwd: path, stdio: 'ignore' });
}

async function fetchJson<T>(path: string, withinMs: number): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    try {
      const answer = await fetch(`${origin}${path}`);
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
      return (await answer.json()) as T;
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(250);
    }
  }
}

/** Nobody listens at this Redis: the audit has no subscriptions. */
function startGateway(supergraphSdl: string, chosen: (typeof EXECUTORS)[number]): Gateway {
  const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const secret = () => randomBytes(32).toString('base64url');
  return createGateway({
    config: {
      secret: secret(),
      identityKey: { kty: kty as 'OKP', crv: crv as 'Ed25519', kid: 'audit', x: x ?? '', d: d ?? '' },
      eventsSecret: secret(),
      redisUrl: 'redis://127.0.0.1:1',
      port: 0,
      host: '127.0.0.1',
      publicUrl: undefined,
      corsOrigins: [],
      trustedProxyHops: 0,
      socketsPerUser: 1,
      executor: chosen,
      collapse: false,
      isStrictHttp: false,
      operations: undefined,
      logLevel: 'info',
      logFile: undefined,
      isProduction: false,
    },
    subgraphUrls: Object.fromEntries(urlsOf(supergraphSdl)),
    supergraphSdl,
    accessRules: {},
    log: createLogger({ service: 'gateway', level: 'info', destination: { write: () => undefined } }),
  });
}

/** Subgraphs by name, from `join__Graph`. */
function urlsOf(supergraphSdl: string): [string, string][] {
  return [...supergraphSdl.matchAll(/@join__graph\(name: "([^"]+)", url: "([^"]+)"\)/g)].map(([, name = '', url = '']) => [name, url]);
}
