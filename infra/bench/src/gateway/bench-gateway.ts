import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { report } from '../bars.ts';
import { barsOf, type Measured, type Measurement, middle, printTable } from './bars-of-gateway.ts';
import { type LoadResult, load } from './load.ts';
import { TEST_QUERY } from './operations.ts';
import { type GraphqlAnswer, otherAnswer } from './other-answer.ts';
import { ownRequests } from './own-graph.ts';
import { type BenchProcess, cpuSeconds, machineCpuSeconds, NODE_FLAGS, pin, startCommand, startScript } from './processes.ts';
import { LINK, SUBGRAPHS } from './subgraphs.ts';

const here = import.meta.dirname;
const OUT = join(here, '../../out');
const PEERS = join(here, '../../peers');
const SUBGRAPHS_PORT = 4_310;
const OWN_PORT = 4_311;
const FIRST_PORT = 4_320;
const CONNECTIONS = 50;
/**
 * The documents of a workload come in turn and are equally often asked: what is generated for each of them gets hot in the same moment, after some
 * 2,000 answers to each. Then up to four threads of V8 compile it at once, on the one core that the gateway has; for the better part of a second a
 * fifth of the core is left to what answers, and whoever asks waits five times as long. Where that fell into a round, it alone was the p99.
 */
const WARM_MS = 30_000;
/** Before each round: what a gateway needs to be at work again after the others had their turn. */
const AGAIN_WARM_MS = 2_000;
const ROUND_MS = 6_000;
const QUICK_MS = 800;
const QUICK_AGAIN_MS = 200;

interface Contender {
  readonly name: string;
  start(port: number, supergraph: string): Promise<BenchProcess>;
}

const ours =
  (kind: string, environment: Record<string, string> = {}): Contender['start'] =>
  (port, supergraph) =>
    startScript(join(here, 'gateway-process.ts'), [kind, String(port), supergraph], { NODE_ENV: 'production', ...environment });

const hive =
  (config: string, ...flags: readonly string[]): Contender['start'] =>
  (port, supergraph) =>
    startCommand(
      process.execPath,
      [
        ...NODE_FLAGS,
        join(PEERS, 'node_modules/@graphql-hive/gateway/dist/bin.js'),
        'supergraph',
        supergraph,
        '--port',
        String(port),
        '--host',
        '127.0.0.1',
        '-c',
        config,
        ...flags,
      ],
      PEERS,
      port,
    );

const CONTENDERS: readonly Contender[] = [
  { name: 'stock Apollo Gateway', start: ours('stock') },
  { name: 'Hive Gateway --jit', start: hive('hive-jit.config.mjs', '--jit') },
  { name: 'Hive Gateway, Rust planner', start: hive('hive-rust.config.mjs') },
  { name: 'Hive Gateway, Rust planner, collapsing', start: hive('hive-collapse.config.mjs') },
  { name: 'Tessera', start: ours('tessera') },
  { name: 'Tessera, collapsing', start: ours('tessera-collapse') },
];

interface Workload {
  readonly id: string;
  readonly title: string;
  /** The first is what the others are compared with. */
  readonly contenders: readonly Contender[];
  readonly supergraph: string;
  readonly bodies: readonly string[];
  startSubgraphs(): Promise<BenchProcess>;
}

export interface GatewayBenchOptions {
  readonly isQuick: boolean;
  /** Of the workloads, all unless some are named; bars of the others are left out. */
  readonly only: readonly string[] | undefined;
}

/**
 * One gateway at a time, A B A B, the same subgraphs, answers compared before anything is timed.
 * @returns whether every bar holds; a bar that could not be measured does not
 */
export async function benchGateway({ isQuick, only }: GatewayBenchOptions): Promise<boolean> {
  mkdirSync(OUT, { recursive: true });
  const measured: Measured = new Map();
  const chosen = workloads().filter(({ id }) => only === undefined || only.includes(id));
  for (const workload of chosen)
    for (const [name, rounds] of await benchWorkload(workload, isQuick)) measured.set(`${workload.id} ${name}`, rounds);
  const bars = barsOf(measured).filter(({ rounds }) => only === undefined || rounds.length > 0);
  const medians = Object.fromEntries([...measured].map(([name, rounds]) => [name, middle(rounds)]));
  const facts = { isQuick, connections: CONNECTIONS, measurements: medians, rounds: Object.fromEntries(measured) };
  report('gateway', versions(), bars, facts);
  if (!hasPeers()) console.log('\nHive Gateway is not installed: npm ci in infra/bench/peers. Bars against it do not hold without it.');
  return bars.every(({ holds }) => holds);
}

function hasPeers(): boolean {
  return existsSync(join(PEERS, 'node_modules/@graphql-hive/router-runtime/package.json'));
}

function versions(): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(join(PEERS, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  const own = JSON.parse(readFileSync(join(here, '../../package.json'), 'utf8')) as { dependencies: Record<string, string> };
  const stock = Object.entries(own.dependencies).filter(([name]) => name.startsWith('@apollo/'));
  return { ...Object.fromEntries(stock), ...dependencies, node: process.versions.node };
}

function workloads(): readonly Workload[] {
  const supergraph = join(OUT, 'supergraph.graphql');
  writeFileSync(supergraph, composed());
  const http = { OWN_PORT: String(OWN_PORT) };
  return [
    {
      id: 'nested',
      title: 'the query of the public gateway benchmark',
      contenders: CONTENDERS.filter(({ name }) => !name.startsWith('Hive') || hasPeers()),
      supergraph,
      bodies: [JSON.stringify({ query: TEST_QUERY, operationName: 'TestQuery' })],
      startSubgraphs: () => startScript(join(here, 'subgraphs.ts'), [String(SUBGRAPHS_PORT)]),
    },
    {
      id: 'own',
      title: 'the queries of our own client over our own graph, as trusted documents',
      contenders: [
        { name: 'stock executor, HTTP', start: ours('own-apollo', http) },
        { name: 'stock Apollo Gateway, HTTP', start: ours('own-stock', http) },
        { name: 'Tessera, HTTP', start: ours('own-tessera', http) },
        { name: 'Tessera, in process', start: ours('own-tessera') },
      ],
      supergraph: join(here, '../../../../schema/supergraph.graphql'),
      bodies: ownRequests(),
      startSubgraphs: () => startScript(join(here, 'own-graph.ts'), [String(OWN_PORT)]),
    },
  ];
}

async function benchWorkload({ title, contenders, supergraph, bodies, startSubgraphs }: Workload, isQuick: boolean): Promise<Measured> {
  const subgraphs = await startSubgraphs();
  const running: { readonly contender: Contender; readonly port: number; readonly process: BenchProcess }[] = [];
  try {
    pin(subgraphs.pid, 0);
    pin(process.pid, 0);
    const starting = contenders.map(async (contender, index) => {
      const port = FIRST_PORT + index;
      return { contender, port, process: await contender.start(port, supergraph) };
    });
    for (const started of await Promise.allSettled(starting)) if (started.status === 'fulfilled') running.push(started.value);
    await Promise.all(starting);
    for (const each of running) pin(each.process.pid, 1);
    for (const body of bodies)
      await compareAnswers(
        running.map(({ port }) => port),
        body,
      );
    const measured: Measured = new Map();
    for (const { port } of running) {
      const headers = await headersFor(port, bodies[0] ?? '');
      await load({ port, connections: CONNECTIONS, durationMs: isQuick ? QUICK_MS : WARM_MS, bodies, headers });
    }
    for (let round = 0; round < (isQuick ? 1 : 3); round += 1)
      for (const { contender, port, process: gateway } of running) {
        const pids = { gateway: gateway.pid, subgraphs: subgraphs.pid };
        const measurement = await measure(contender.name, port, pids, bodies, isQuick);
        measured.set(contender.name, [...(measured.get(contender.name) ?? []), measurement]);
      }
    printTable(`${title} (${bodies.length}), ${CONNECTIONS} connections, one worker`, measured);
    return measured;
  } finally {
    await Promise.all([...running.map(({ process: gateway }) => gateway.stop()), subgraphs.stop()]);
  }
}

function composed(): string {
  const services = Object.entries(SUBGRAPHS).map(([name, sdl]) => ({
    name,
    url: `http://127.0.0.1:${SUBGRAPHS_PORT}/${name}`,
    typeDefs: parse(LINK + sdl),
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}

/** A client of ours keeps the visitor id that it was given with its first answer; others give none. No gateway gives one with a refusal. */
async function headersFor(port: number, body: string): Promise<Record<string, string>> {
  const answer = await ask(port, body);
  if (!answer.ok) throw new Error(`Port ${port} answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
  await answer.body?.cancel();
  const visitor = answer.headers.get('tessera-visitor');
  return visitor ? { 'tessera-visitor': visitor } : {};
}

async function compareAnswers(ports: readonly number[], body: string): Promise<void> {
  const answers = await Promise.all(
    ports.map(async (port) => {
      const answer = await ask(port, body);
      return (await answer.json()) as GraphqlAnswer;
    }),
  );
  const other = otherAnswer(answers);
  if (other) throw new Error(`Answers differ: ${JSON.stringify(other).slice(0, 500)}`);
}

function ask(port: number, body: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

interface Pids {
  readonly gateway: number;
  readonly subgraphs: number;
}

async function measure(name: string, port: number, pids: Pids, bodies: readonly string[], isQuick: boolean): Promise<Measurement> {
  const asked = { port, connections: CONNECTIONS, bodies, headers: await headersFor(port, bodies[0] ?? '') };
  await load({ ...asked, durationMs: isQuick ? QUICK_AGAIN_MS : AGAIN_WARM_MS });
  const now = () => ({ gateway: cpuSeconds(pids.gateway), subgraphs: cpuSeconds(pids.subgraphs), bench: cpuSeconds(process.pid) });
  const [before, machineBefore] = [now(), machineCpuSeconds()];
  const result: LoadResult = await load({ ...asked, durationMs: isQuick ? QUICK_MS : ROUND_MS });
  const [after, machineAfter] = [now(), machineCpuSeconds()];
  const cpu = Math.max(after.gateway - before.gateway, 0.01);
  const cpuOfAll = cpu + after.subgraphs - before.subgraphs;
  const othersCpu = machineAfter - machineBefore - cpuOfAll - (after.bench - before.bench);
  return {
    name,
    requestsPerSecond: (result.requests * 1_000) / result.elapsedMs,
    requestsPerCpuSecond: result.requests / cpu,
    requestsPerCpuSecondOfAll: result.requests / cpuOfAll,
    cpuMsPerRequest: (cpu * 1_000) / result.requests,
    p50: result.p50,
    p99: result.p99,
    othersCores: Math.max(0, (othersCpu * 1_000) / result.elapsedMs),
    failures: result.failures,
  };
}
