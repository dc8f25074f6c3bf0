import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { type LoadResult, load } from './load.ts';
import { TEST_QUERY } from './operations.ts';
import { ownQueries } from './own-graph.ts';
import { type BenchProcess, cpuSeconds, pin, startCommand, startScript } from './processes.ts';
import { LINK, SUBGRAPHS } from './subgraphs.ts';

const here = import.meta.dirname;
const OUT = join(here, '../../out');
const PEERS = join(here, '../../peers');
const SUBGRAPHS_PORT = 4_310;
const OWN_PORT = 4_311;
const FIRST_PORT = 4_320;
const CONNECTIONS = 50;

interface Contender {
  readonly name: string;
  start(port: number, supergraph: string): Promise<BenchProcess>;
}

interface Measurement {
  readonly name: string;
  readonly requestsPerSecond: number;
  /** Requests for each second of CPU that the gateway's process took. */
  readonly requestsPerCpuSecond: number;
  readonly cpuMsPerRequest: number;
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
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

export interface BenchOptions {
  readonly isQuick: boolean;
}

interface Workload {
  readonly id: string;
  readonly title: string;
  /** The first is what the others are compared with. */
  readonly contenders: readonly Contender[];
  readonly supergraph: string;
  readonly bodies: readonly string[];
  startSubgraphs(): Promise<BenchProcess>;
}

/**
 * One gateway at a time, A B A B, the same subgraphs, answers compared before anything is timed.
 * @returns whether every answer that was counted was a good one; whether bars hold is for the reader
 */
export async function benchGateway({ isQuick }: BenchOptions): Promise<boolean> {
  mkdirSync(OUT, { recursive: true });
  const results: Record<string, readonly Measurement[]> = {};
  for (const workload of workloads()) results[workload.id] = await benchWorkload(workload, isQuick);
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version };
  writeFileSync(join(OUT, 'gateway.json'), `${JSON.stringify({ machine, isQuick, connections: CONNECTIONS, results }, null, 2)}\n`);
  return Object.values(results).every((measurements) => measurements.every(({ failures }) => failures === 0));
}

function workloads(): readonly Workload[] {
  const supergraph = join(OUT, 'supergraph.graphql');
  writeFileSync(supergraph, composed());
  const http = { OWN_PORT: String(OWN_PORT) };
  return [
    {
      id: 'G1 G2',
      title: 'the query of the public gateway benchmark',
      contenders: CONTENDERS.filter(
        ({ name }) => !name.startsWith('Hive') || existsSync(join(PEERS, 'node_modules/@graphql-hive/router-runtime/package.json')),
      ),
      supergraph,
      bodies: [JSON.stringify({ query: TEST_QUERY, operationName: 'TestQuery' })],
      startSubgraphs: () => startScript(join(here, 'subgraphs.ts'), [String(SUBGRAPHS_PORT)]),
    },
    {
      id: 'G3 G4',
      title: 'the queries of our own clients over our own graph',
      contenders: [
        { name: 'stock executor, HTTP', start: ours('own-apollo', http) },
        { name: 'Tessera, HTTP', start: ours('own-tessera', http) },
        { name: 'Tessera, in process', start: ours('own-tessera') },
      ],
      supergraph: join(here, '../../../../schema/supergraph.graphql'),
      bodies: ownQueries(),
      startSubgraphs: () => startScript(join(here, 'own-graph.ts'), [String(OWN_PORT)]),
    },
  ];
}

async function benchWorkload(
  { id, title, contenders, supergraph, bodies, startSubgraphs }: Workload,
  isQuick: boolean,
): Promise<readonly Measurement[]> {
  const subgraphs = await startSubgraphs();
  const running: { readonly contender: Contender; readonly port: number; readonly process: BenchProcess }[] = [];
  try {
    pin(subgraphs.pid, 0);
    pin(process.pid, 0);
    for (const [index, contender] of contenders.entries()) {
      const port = FIRST_PORT + index;
      running.push({ contender, port, process: await contender.start(port, supergraph) });
      pin(running.at(-1)?.process.pid ?? 0, 1);
    }
    for (const body of bodies)
      await compareAnswers(
        running.map(({ port }) => port),
        body,
      );
    const measured = new Map<string, Measurement[]>();
    for (const { port } of running)
      await load({ port, connections: CONNECTIONS, durationMs: isQuick ? 2_000 : 20_000, bodies, headers: await headersFor(port) });
    for (let round = 0; round < (isQuick ? 1 : 3); round += 1)
      for (const { contender, port, process: gateway } of running) {
        const measurement = await measure(contender.name, port, gateway.pid, isQuick ? 2_000 : 6_000, bodies);
        measured.set(contender.name, [...(measured.get(contender.name) ?? []), measurement]);
      }
    const medians = [...measured.values()].map(median);
    report(`${id}: ${title} (${bodies.length})`, medians);
    return medians;
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

/** A client of ours keeps the visitor id that it was given with its first answer; others give none. */
async function headersFor(port: number): Promise<Record<string, string>> {
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ __typename }"}',
  });
  await answer.body?.cancel();
  const visitor = answer.headers.get('tessera-visitor');
  return visitor ? { 'tessera-visitor': visitor } : {};
}

async function compareAnswers(ports: readonly number[], body: string): Promise<void> {
  const answers = await Promise.all(
    ports.map(async (port) => {
      const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      return (await answer.json()) as { data?: unknown; errors?: unknown };
    }),
  );
  for (const answer of answers)
    if (!answer.data || !isDeepStrictEqual(answer.data, answers[0]?.data))
      throw new Error(`Answers differ: ${JSON.stringify(answer).slice(0, 500)}`);
}

async function measure(name: string, port: number, pid: number, durationMs: number, bodies: readonly string[]): Promise<Measurement> {
  const headers = await headersFor(port);
  const before = cpuSeconds(pid);
  const result: LoadResult = await load({ port, connections: CONNECTIONS, durationMs, bodies, headers });
  const cpu = Math.max(cpuSeconds(pid) - before, 0.01);
  return {
    name,
    requestsPerSecond: (result.requests * 1_000) / result.elapsedMs,
    requestsPerCpuSecond: result.requests / cpu,
    cpuMsPerRequest: (cpu * 1_000) / result.requests,
    p50: result.p50,
    p99: result.p99,
    failures: result.failures,
  };
}

function median(all: readonly Measurement[]): Measurement {
  const [first] = all;
  if (!first) throw new Error('Nothing was measured.');
  const of = (key: 'requestsPerSecond' | 'requestsPerCpuSecond' | 'cpuMsPerRequest' | 'p50' | 'p99') =>
    all.map((each) => each[key]).sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  return {
    name: first.name,
    requestsPerSecond: of('requestsPerSecond'),
    requestsPerCpuSecond: of('requestsPerCpuSecond'),
    cpuMsPerRequest: of('cpuMsPerRequest'),
    p50: of('p50'),
    p99: of('p99'),
    failures: all.reduce((sum, { failures }) => sum + failures, 0),
  };
}

function report(title: string, measurements: readonly Measurement[]): void {
  const stock = measurements[0]?.requestsPerCpuSecond ?? Number.NaN;
  console.log(`\n${title}, ${CONNECTIONS} connections, one worker\n`);
  console.log('| gateway | requests/s | requests / CPU s | × first | CPU ms | p50 ms | p99 ms |');
  console.log('|---|---|---|---|---|---|---|');
  for (const each of measurements)
    console.log(
      `| ${each.name} | ${each.requestsPerSecond.toFixed(0)} | ${each.requestsPerCpuSecond.toFixed(0)} | ${(each.requestsPerCpuSecond / stock).toFixed(1)} | ${each.cpuMsPerRequest.toFixed(2)} | ${each.p50.toFixed(1)} | ${each.p99.toFixed(1)} |`,
    );
  const failed = measurements.filter(({ failures }) => failures > 0);
  for (const { name, failures } of failed) console.log(`${name}: ${failures} answers were not 200`);
}
