import { randomUUID } from 'node:crypto';
import { verify } from '@tessera/verify';
import { type Bar, median } from '../bars.ts';
import { type LoadResult, load, requestOf } from '../gateway/load.ts';
import { cpuSeconds } from '../gateway/processes.ts';
import { withClient } from '../ledger/books.ts';
import { cpuMicros } from '../ledger/cpu.ts';
import { cpuShares, describeShares } from './cpu-shares.ts';
import { untilIdle } from './idle.ts';
import { makePeople, type People } from './people.ts';
import type { BenchStack } from './stack.ts';

const CONNECTIONS = 64;
const BATCH_CONNECTIONS = 8;
const BATCH_ITEMS = 1_000;
const RECIPIENTS = 2_000;

const CREATE =
  'mutation Pay($input: TransferCreateInput!) { transferCreate(input: $input) { __typename ... on TransferCreated { transfer { id state } } } }';
const BATCH =
  'mutation PayAll($input: TransferBatchCreateInput!) { transferBatchCreate(input: $input) { __typename ... on TransferBatchCreated { createdCount results { __typename ... on TransferCreated { transfer { id } } } } } }';

interface Plan {
  /** For events of the seeding, caches, and the just-in-time compiler. */
  readonly warmMs: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly batchSeconds: number;
  readonly aloneSeconds: number;
}
const FULL: Plan = { warmMs: 2_000, rounds: 3, seconds: 4, batchSeconds: 3, aloneSeconds: 4 };
const QUICK: Plan = { warmMs: 1_000, rounds: 1, seconds: 1, batchSeconds: 1, aloneSeconds: 1 };

export interface GatewayBars {
  readonly bars: readonly Bar[];
  /** What the books say afterwards; no figure counts unless it is empty. */
  readonly wrong: readonly string[];
}

/** L2, L2b and L3, or those of them that are wanted: transfers over HTTP through the whole stack, which is stopped afterwards. */
export async function benchThroughGateway(isQuick: boolean, wants: (id: string) => boolean, stack: BenchStack): Promise<GatewayBars> {
  const plan = isQuick ? QUICK : FULL;
  try {
    const people = await makePeople(stack, { payers: CONNECTIONS, recipients: RECIPIENTS });
    const run = runsOf(stack, people);
    const bars: Bar[] = [];
    if (wants('L2')) bars.push(barOfSingles(await measureSingles(stack, run, plan)));
    await stack.endSingle();
    if (wants('L2b')) bars.push(barOfBatches(await measureBatches(stack, run, plan)));
    if (wants('L3')) {
      await run.single(stack.ports.batching, 1, plan.warmMs / 2);
      bars.push(barOfOne(await run.single(stack.ports.batching, 1, plan.aloneSeconds * 1_000)));
    }
    const wrong = [...(await run.uncounted()), ...(await violationsOf(stack))];
    return { bars: bars.map((bar) => ({ ...bar, holds: bar.holds && wrong.length === 0 })), wrong };
  } finally {
    await stack.stop();
  }
}

/** Beside the same with one transaction each, A B A B. */
async function measureSingles(
  stack: BenchStack,
  run: Runs,
  { rounds, seconds, warmMs }: Plan,
): Promise<Record<'batching' | 'single', number[]>> {
  const { ports } = stack;
  await run.single(ports.batching, CONNECTIONS, warmMs);
  await run.single(ports.single, CONNECTIONS, warmMs / 2);
  const rates = { batching: [] as number[], single: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const batching = await measure(stack, () => run.single(ports.batching, CONNECTIONS, seconds * 1_000));
    const single = await measure(stack, () => run.single(ports.single, CONNECTIONS, seconds * 1_000));
    console.log(`gateway round ${round + 1}: ${describe(batching)}, one by one ${describe(single)}`);
    rates.batching.push(batching.perSecond);
    rates.single.push(single.perSecond);
  }
  await untilIdle(stack);
  return rates;
}

async function measureBatches(stack: BenchStack, run: Runs, { rounds, batchSeconds, warmMs }: Plan): Promise<number[]> {
  await run.batches(warmMs);
  await untilIdle(stack);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = await cpuShares(stack);
    const measured = await measure(stack, () => run.batches(batchSeconds * 1_000), BATCH_ITEMS);
    const endedMs = performance.now();
    await untilIdle(stack);
    const [behindMs, after] = [performance.now() - endedMs, await cpuShares(stack)];
    console.log(
      `batches of ${BATCH_ITEMS}, round ${round + 1}: ${describe(measured)}, told and received ${Math.round(behindMs)} ms later\n  µs each until then: ${describeShares(before, after, measured.items)}`,
    );
    rates.push(measured.perSecond);
  }
  return rates;
}

async function measure(stack: BenchStack, work: () => Promise<LoadResult>, itemsEach = 1): Promise<Measured> {
  const [before, nodeBefore] = [cpuMicros(stack.postgresPid, stack.pid), cpuSeconds(stack.pid)];
  const { requests, elapsedMs } = await work();
  const items = requests * itemsEach;
  return {
    items,
    perSecond: (items * 1_000) / elapsedMs,
    cpuMicros: (cpuMicros(stack.postgresPid, stack.pid) - before) / items,
    nodeMicros: ((cpuSeconds(stack.pid) - nodeBefore) * 1_000_000) / items,
  };
}

type Runs = ReturnType<typeof runsOf>;

function runsOf(stack: BenchStack, { payers, recipients }: People) {
  let asked = 0;
  let batches = 0;
  let failures = 0;
  const recipientAt = (at: number) => recipients[at % recipients.length];
  const counted = (result: LoadResult): LoadResult => {
    failures += result.failures;
    return result;
  };
  const send = (port: number, connection: number, query: string, input: object): Buffer => {
    const { token = '' } = payers[connection % payers.length] ?? {};
    const body = JSON.stringify({ query, variables: { input: { ...input, idempotencyKey: randomUUID() } } });
    return requestOf(body, port, { authorization: `Bearer ${token}` });
  };
  const single = async (port: number, connections: number, durationMs: number) => {
    const write = (connection: number): Buffer => {
      asked += 1;
      const { walletId: fromWalletId } = payers[connection % payers.length] ?? {};
      const to = { walletId: recipientAt(asked * 7 + connection)?.walletId };
      return send(port, connection, CREATE, { fromWalletId, to, amount: { currency: 'USD', minor: '1' } });
    };
    return counted(await load({ port, connections, durationMs, bodies: [], write }));
  };
  return {
    single,
    batches: async (durationMs: number) => {
      const { batching: port } = stack.ports;
      const write = (connection: number): Buffer => {
        batches += 1;
        const { walletId: fromWalletId } = payers[connection % payers.length] ?? {};
        const items = Array.from({ length: BATCH_ITEMS }, (_, at) => ({
          to: { handle: recipientAt(batches * 311 + at)?.handle },
          amount: { currency: 'USD', minor: '1' },
        }));
        return send(port, connection, BATCH, { fromWalletId, items });
      };
      return counted(await load({ port, connections: BATCH_CONNECTIONS, durationMs, bodies: [], write }));
    },
    /** Every request that was answered must have moved money, once: what is in the books is compared with what was asked. */
    uncounted: async (): Promise<string[]> => {
      const moved = await withClient(stack.databases.ledger, async (client) => {
        const { rows } = await client.query(
          `select count(*) from transfers where code = 'TRANSFER' and state = 'POSTED' and debit_account_id = any($1)`,
          [payers.map(({ walletId }) => walletId)],
        );
        return Number(rows[0]?.count);
      });
      const expected = asked + batches * BATCH_ITEMS;
      return [
        ...(moved === expected ? [] : [`${expected} transfers were asked for, and ${moved} are in the books`]),
        ...(failures === 0 ? [] : [`${failures} requests failed`]),
      ];
    },
  };
}

async function violationsOf({ verifyUrls }: BenchStack): Promise<string[]> {
  const { checks } = await verify(verifyUrls as Parameters<typeof verify>[0]); // one for each service, as the stack has them
  return checks.flatMap(({ id, violations }) => violations.map((text) => `${id}: ${text}`));
}

interface Measured {
  readonly items: number;
  readonly perSecond: number;
  /** Of gateway, subgraphs and PostgreSQL, per transfer. */
  readonly cpuMicros: number;
  /** Of that, gateway and subgraphs, which are one process. */
  readonly nodeMicros: number;
}

function describe({ perSecond, cpuMicros: micros, nodeMicros }: Measured): string {
  return `${Math.round(perSecond)}/s (${Math.round(micros)} µs CPU, ${Math.round(nodeMicros)} of them node)`;
}

function barOfSingles({ batching, single }: Record<'batching' | 'single', number[]>): Bar {
  const [value, peer] = [median(batching), median(single)];
  const what = `transferCreate by HTTP through the gateway, ${CONNECTIONS} connections, against one transaction each`;
  return { id: 'L2', what, value, peer, ratio: value / peer, bar: '≥ 3 ×', holds: value / peer >= 3, rounds: batching };
}

function barOfBatches(rounds: readonly number[]): Bar {
  const value = median(rounds);
  const what = 'transferBatchCreate through the gateway, 1,000 per call, transfers';
  return { id: 'L2b', what, value, peer: null, ratio: null, bar: '≥ 10,000/s', holds: value >= 10_000, rounds };
}

function barOfOne({ p50, p99 }: LoadResult): Bar {
  const what = `latency of a single transfer on an idle stack, p99, ms (p50 ${p50.toFixed(1)})`;
  return { id: 'L3', what, value: p99, peer: null, ratio: null, bar: '≤ 25 ms', holds: p99 <= 25, rounds: [p99] };
}
