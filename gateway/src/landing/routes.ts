import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RawAnswer, Route } from '@tessera/service-kit/service';
import { probe } from '../transport/probe.ts';
import type { Transport } from '../transport/transport.ts';
import { contentPolicy } from './content-policy.ts';
import { landingPage } from './landing-page.ts';
import type { LandingOptions, StatusEntry } from './options.ts';
import { payReturnPage } from './pay-return-page.ts';
import { graphiqlPage, sandboxPage } from './tool-pages.ts';

export interface LandingParts extends LandingOptions {
  readonly transports: ReadonlyMap<string, Transport>;
  readonly isProduction: boolean;
}

/** Where `build-graphiql.ts` puts the explorer: beside the compiled gateway, also when the sources run. */
const GRAPHIQL_FOLDER = fileURLToPath(new URL('../../dist/graphiql/', import.meta.url));
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};
/** One folder, plain names: nothing that leads elsewhere. */
const ASSET = /^assets\/[\w-]+(\.[\w-]+)*\.\w+$/;
/** File names hold a hash of their content. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/**
 * What a developer sees in a browser. Production shows none of it: there `/` says that this is an API. Only the page that customers come back to
 * from a payment is there too, for shops that have none of their own.
 */
export function landingRoutes(parts: LandingParts): Route[] {
  const { isProduction, links = [], accounts = [] } = parts;
  if (isProduction)
    return [
      {
        method: 'GET',
        path: '/',
        handler: () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"graphql":"/graphql"}' }),
      },
      page('/pay/return', () => payReturnPage({ hasTools: false })),
    ];
  return [
    page('/', () => landingPage({ links, accounts })),
    page('/sandbox', () => sandboxPage()),
    page('/pay/return', () => payReturnPage({ hasTools: true })),
    { method: 'GET', path: '/graphiql', handler: graphiql },
    { method: 'GET', path: '/graphiql/*', handler: ({ path }) => asset(path.slice('/graphiql/'.length)) },
    {
      method: 'GET',
      path: '/status.json',
      handler: async () => ({
        status: 200,
        headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
        body: JSON.stringify(await statusOf(parts)),
      }),
    },
  ];
}

function page(path: string, render: () => ReturnType<typeof landingPage>): Route {
  const { html, policy } = render();
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': contentPolicy(policy),
  };
  return { method: 'GET', path, handler: () => ({ status: 200, headers, body: html }) };
}

async function graphiql(): Promise<RawAnswer> {
  const manifest = await readFile(join(GRAPHIQL_FOLDER, 'entry.json'), 'utf8').catch(() => null);
  if (manifest === null)
    return { status: 503, headers: { 'content-type': 'text/plain' }, body: 'GraphiQL has not been built: run the build first.' };
  const { html, policy } = graphiqlPage(JSON.parse(manifest) as { script: string; styles: string[] }); // written by build-graphiql.ts
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', 'content-security-policy': contentPolicy(policy) },
    body: html,
  };
}

async function asset(name: string): Promise<RawAnswer> {
  const contentType = CONTENT_TYPES[extname(name)];
  const body = contentType && ASSET.test(name) ? await readFile(join(GRAPHIQL_FOLDER, name)).catch(() => null) : null;
  if (body === null || !contentType) return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'There is no such file.' };
  return {
    status: 200,
    headers: { 'content-type': contentType, 'cache-control': IMMUTABLE, 'content-security-policy': WORKER_POLICY },
    body,
  };
}

/** A worker brings the policy of its own file. */
const WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'";

async function statusOf({ transports, stores = [], status }: LandingParts): Promise<StatusEntry[]> {
  const subgraphs = [...transports].map(async ([name, transport]): Promise<StatusEntry> => {
    const isUp = await probe(transport).then(
      () => true,
      () => false,
    );
    return { name, kind: 'subgraph', isUp };
  });
  const chosen = stores.map(({ name, why }): StatusEntry => ({ name, kind: 'store', isUp: null, detail: why }));
  return withMore([...chosen, ...(await Promise.all(subgraphs))], (await status?.()) ?? []);
}

/** What is told about a part that is listed already completes its line; other parts follow. */
function withMore(listed: readonly StatusEntry[], told: readonly StatusEntry[]): StatusEntry[] {
  const isSame = (one: StatusEntry, other: StatusEntry) => one.kind === other.kind && one.name === other.name;
  return [
    ...listed.map((entry) => told.filter((each) => isSame(each, entry)).reduce(completed, entry)),
    ...told.filter((each) => !listed.some((entry) => isSame(each, entry))),
  ];
}

function completed(entry: StatusEntry, more: StatusEntry): StatusEntry {
  return { ...entry, ...more, isUp: more.isUp ?? entry.isUp };
}
