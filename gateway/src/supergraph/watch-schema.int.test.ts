import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '@tessera/service-kit/crypto';
import { createLogger } from '@tessera/service-kit/service';
import { startToyPlatform, type ToyPlatform } from '../../test/toy-platform.ts';
import { composeToys, toySubgraph } from '../../test/toy-subgraphs.ts';
import { rootFieldsIn, stateOfSchemaFiles } from './schema-files.ts';
import { watchSchema } from './watch-schema.ts';

const LOOK_EVERY_MS = 40;
const QUICK = 'query Quick { quick }';

describe('a folder of schema files that is watched', () => {
  let platform: ToyPlatform;
  let folder: string;
  let narrow: string;
  let wide: string;
  let stopLoad: () => Promise<readonly unknown[]>;

  beforeAll(async () => {
    platform = await startToyPlatform({ config: { collapse: false } });
    const { users, orders, ledger } = platform;
    const extra = toySubgraph('extra', 'type Query { extra: String }', { Query: { extra: () => 'x' } });
    narrow = await composeToys([users, orders, ledger]);
    wide = await composeToys([users, orders, ledger, extra]);
    folder = await mkdtemp(join(tmpdir(), 'tessera-schema-'));
    await mkdir(join(folder, 'operations'));
    await write('operations/shop.json', manifestOf(QUICK));
    await serve(narrow);
    platform.gateway.watchSchema(folder, { lookEveryMs: LOOK_EVERY_MS });
    await sleep(LOOK_EVERY_MS * 3);
    stopLoad = underLoad();
  });
  /** No request may fail, whatever is done to the files. */
  afterEach(async () => {
    expect(await stopLoad()).toEqual([]);
    stopLoad = underLoad();
  });
  afterAll(async () => {
    await stopLoad();
    await platform.close();
    await rm(folder, { recursive: true });
  });

  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  /** With the rules that belong to it. */
  const serve = (supergraph: string, rules: object = {}) =>
    Promise.all([write('access.json', JSON.stringify({ ...openTo(supergraph), ...rules })), write('supergraph.graphql', supergraph)]);
  const ask = async (query: string) => {
    const answer = await fetch(`${platform.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return (await answer.json()) as { data?: object; errors?: { message: string; extensions: { code: string } }[] };
  };
  const knowsExtra = async () => (await ask('{ extra }')).errors?.[0]?.extensions.code !== 'BAD_USER_INPUT';
  const refusals = async () => Number(/schema_reloads_total\{.*outcome="refused".*\} (\d+)/.exec(await metrics())?.[1] ?? 0);
  const metrics = async () => (await fetch(`${platform.url}/metrics`)).text();
  const refusedOnce = async (change: () => Promise<unknown>): Promise<unknown> => {
    const before = await refusals();
    await change();
    await until(async () => (await refusals()) > before);
    const told = platform.logLines.filter(({ msg }) => String(msg).startsWith('the schema was refused'));
    return (told.at(-1)?.err as { message?: string } | undefined)?.message;
  };

  function underLoad(): () => Promise<readonly unknown[]> {
    let isOver = false;
    const failures: unknown[] = [];
    const client = async () => {
      while (!isOver) {
        const { data, errors } = await ask('{ quick }').catch((error: unknown) => ({ data: null, errors: [error] }));
        if (errors || JSON.stringify(data) !== '{"quick":"ok"}') failures.push(errors ?? data);
      }
    };
    const clients = Promise.all([client(), client(), client()]);
    return async () => {
      isOver = true;
      await clients;
      return failures;
    };
  }

  it('is served anew when it changes', async () => {
    expect(await knowsExtra()).toBe(false);
    await serve(wide);
    await until(knowsExtra);
    await write('new.graphql', narrow);
    await Promise.all([
      rename(join(folder, 'new.graphql'), join(folder, 'supergraph.graphql')),
      write('access.json', JSON.stringify(openTo(narrow))),
    ]);
    await until(async () => !(await knowsExtra()));
  });

  it('is refused half written, and taken when the rest is there', async () => {
    expect(await refusedOnce(() => write('supergraph.graphql', wide.slice(0, wide.length / 2)))).toEqual(expect.any(String));
    expect(await knowsExtra()).toBe(false);
    await serve(wide);
    await until(knowsExtra);
  });

  it('is served on when it is deleted, and read when it comes back', async () => {
    expect(await refusedOnce(() => rm(join(folder, 'supergraph.graphql')))).toContain('supergraph.graphql');
    expect(await knowsExtra()).toBe(true);
    await serve(narrow);
    await until(async () => !(await knowsExtra()));
  });

  it('MUST be refused as a whole where a trusted document cannot be answered any more', async () => {
    const change = () => Promise.all([write('operations/shop.json', manifestOf('query Gone { gone }')), serve(wide)]);
    expect(await refusedOnce(change)).toContain('gone');
    await sleep(LOOK_EVERY_MS * 5);
    expect(await knowsExtra()).toBe(false);
    await write('operations/shop.json', manifestOf(QUICK));
    await until(knowsExtra);
  });

  it('MUST be refused as a whole with access rules of another supergraph', async () => {
    expect(await refusedOnce(() => serve(narrow, { 'Query.gone': { kind: 'authenticated' } }))).toContain('Query.gone');
    await sleep(LOOK_EVERY_MS * 5);
    expect(await knowsExtra()).toBe(true);
    await serve(narrow);
    await until(async () => !(await knowsExtra()));
    expect(await refusedOnce(() => write('supergraph.graphql', wide))).toContain('Query.extra'); // which nobody said may be asked
    await sleep(LOOK_EVERY_MS * 5);
    expect(await knowsExtra()).toBe(false);
  });

  it('brings its access rules with it', async () => {
    await serve(wide, { 'Query.extra': { kind: 'authenticated' } });
    await until(async () => (await ask('{ extra }')).errors?.[0]?.extensions.code === 'UNAUTHENTICATED');
    await serve(wide);
    await until(async () => (await ask('{ extra }')).errors?.[0]?.extensions.code !== 'UNAUTHENTICATED');
  });

  it('is served anew where it changed between its first reading and the first look', async () => {
    const served = await stateOfSchemaFiles(folder);
    await write('supergraph.graphql', `${wide}\n`);
    let count = 0;
    const watch = watchSchema({
      directory: folder,
      replace: async () => {
        count += 1;
      },
      log: createLogger({ service: 'gateway', level: 'silent' }),
      count: () => undefined,
      lookEveryMs: LOOK_EVERY_MS,
      served,
    });
    await until(async () => count === 1);
    watch.close();
  });

  it('is read at once when told, as by SIGHUP', async () => {
    const watch = platform.gateway.watchSchema(folder, { lookEveryMs: 3_600_000 });
    await serve(narrow);
    await watch.reload();
    expect(await knowsExtra()).toBe(false);
  });
});

function openTo(supergraph: string): object {
  return Object.fromEntries([...rootFieldsIn(supergraph)].map((name) => [name, { kind: 'public' }]));
}

function manifestOf(body: string): string {
  const operations = [{ id: sha256(body), name: 'Any', type: 'query', body }];
  return JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await isSo()) return;
    await sleep(25);
  }
  throw new Error('It did not become so.');
}
