import { randomUUID } from 'node:crypto';
import { verify } from '@tessera/verify';
import { type Bar, median } from '../bars.ts';
import { type LoadResult, load, requestOf } from '../gateway/load.ts';
import { cpuSeconds } from '../gateway/processes.ts';
import { withClient } from '../ledger/books.ts';
import { cpuMicros } from '../ledger/cpu.ts';
import { untilIdle } from './idle.ts';
import { makePeople, type People } from './people.ts';
import { type BenchStack, startStack } from './stack.ts';

const CONNECTIONS = 64;
const BATCH_CONNECTIONS = 4;
const BATCH_ITEMS = 1_000;
const RECIPIENTS = 2_000;
/** Events of the seeding, caches, and the just-in-time compiler. */
const WARM_MS = 2_000;

const CREATE =
  'mutation Pay($input: TransferCreateInput!) { transferCreate(input: $input) { __typename ... on TransferCreated { transfer { id state } } } }';
const BATCH =
  'mutation PayAll($input: TransferBatchCreateInput!) { transferBatchCreate(input: $input) { __typename ... on TransferBatchCreated { createdCount results { __typename ... on TransferCreated { transfer { id } } } } } }';

interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly batchSeconds: number;
  readonly aloneSeconds: number;
}
const FULL: Plan = { rounds: 3, seconds: 4, batchSeconds: 3, aloneSeconds: 4 };
const QUICK: Plan = { rounds: 1, seconds: 1, batchSeconds: 1.5, aloneSeconds: 1 };

export interface GatewayBars {
  readonly bars: readonly Bar[];
  /** What the books say afterwards; no figure counts unless it is empty. */
  readonly wrong: readonly string[];
}

/** L2, L2b and L3: transfers over HTTP through the whole stack. */
export async function benchThroughGateway(isQuick: boolean, nodeOptions: readonly string[] = []): Promise<GatewayBars> {
  const plan = isQuick ? QUICK : FULL;
  const stack = await startStack(nodeOptions);
  try {
    const people = await makePeople(stack, { payers: CONNECTIONS, recipients: RECIPIENTS });
    const run = runsOf(stack, people);
    await run.single(stack.ports.batching, CONNECTIONS, WARM_MS);
    await run.single(stack.ports.single, CONNECTIONS, WARM_MS / 2);
    const rounds: Rounds = { batching: [], single: [], batches: [] };
    const measure = async (into: Measured[], work: () => Promise<LoadResult>, itemsEach = 1): Promise<void> => {
      const [before, nodeBefore] = [cpuMicros(stack.postgresPid, stack.pid), cpuSeconds(stack.pid)];
      const { requests, elapsedMs } = await work();
      const items = requests * itemsEach;
      into.push({
        perSecond: (items * 1_000) / elapsedMs,
        cpuMicros: (cpuMicros(stack.postgresPid, stack.pid) - before) / items,
        nodeMicros: ((cpuSeconds(stack.pid) - nodeBefore) * 1_000_000) / items,
      });
    };
    for (let round = 0; round < plan.rounds; round += 1) {
      await measure(rounds.batching, () => run.single(stack.ports.batching, CONNECTIONS, plan.seconds * 1_000));
      await measure(rounds.single, () => run.single(stack.ports.single, CONNECTIONS, plan.seconds * 1_000));
    }
    await stack.endSingle();
    for (let round = 0; round < plan.rounds; round += 1) {
      await measure(rounds.batches, () => run.batches(plan.batchSeconds * 1_000), BATCH_ITEMS);
      console.log(`gateway round ${round + 1}: ${describe(rounds, round)}`);
    }
    await untilIdle(stack);
    const alone = await run.single(stack.ports.batching, 1, plan.aloneSeconds * 1_000);
    const wrong = [...(await run.uncounted()), ...(await violationsOf(stack))];
    return { bars: barsOf(rounds, alone, wrong.length === 0), wrong };
  } finally {
    await stack.stop();
  }
}

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
  readonly perSecond: number;
  /** Of gateway, subgraphs and PostgreSQL, per transfer. */
  readonly cpuMicros: number;
  /** Of that, gateway and subgraphs, which are one process. */
  readonly nodeMicros: number;
}

type Rounds = Readonly<Record<'batching' | 'single' | 'batches', Measured[]>>;

function describe(rounds: Rounds, at: number): string {
  const names = { batching: '', single: 'one by one ', batches: `in batches of ${BATCH_ITEMS} ` } as const;
  return Object.entries(names)
    .map(([key, name]) => {
      const { perSecond = 0, cpuMicros: micros = 0, nodeMicros = 0 } = rounds[key as keyof Rounds][at] ?? {}; // the keys of `names`
      return `${name}${Math.round(perSecond)}/s (${Math.round(micros)} µs CPU, ${Math.round(nodeMicros)} of them node)`;
    })
    .join(', ');
}

function barsOf(rounds: Rounds, alone: LoadResult, isProved: boolean): Bar[] {
  const [batching, single, batches] = [rounds.batching, rounds.single, rounds.batches].map((all) =>
    all.map(({ perSecond }) => perSecond),
  ) as [number[], number[], number[]];
  const [ours, peer, inBatches] = [median(batching), median(single), median(batches)];
  return [
    {
      ...{ id: 'L2', what: `transferCreate by HTTP through the gateway, ${CONNECTIONS} connections, against one transaction each` },
      ...{ value: ours, peer, ratio: ours / peer, bar: '≥ 3 ×', holds: isProved && ours / peer >= 3, rounds: batching },
    },
    {
      ...{ id: 'L2b', what: 'transferBatchCreate through the gateway, 1,000 per call, transfers' },
      ...{ value: inBatches, peer: null, ratio: null, bar: '≥ 10,000/s', holds: isProved && inBatches >= 10_000, rounds: batches },
    },
    {
      ...{ id: 'L3', what: `latency of a single transfer on an idle stack, p99, ms (p50 ${alone.p50.toFixed(1)})` },
      ...{ value: alone.p99, peer: null, ratio: null, bar: '≤ 25 ms', holds: isProved && alone.p99 <= 25, rounds: [alone.p99] },
    },
  ];
}
