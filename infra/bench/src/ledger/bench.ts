import { createEngine } from '@tessera/ledger';
import { createEmptyLedger, startDurablePostgres } from '@tessera/local';
import { type Bar, median, report } from '../bars.ts';
import { benchThroughGateway } from '../ledger-gateway/bench-gateway-ledger.ts';
import { type BenchStack, startStack } from '../ledger-gateway/stack.ts';
import { openWallets, serverVersion, violations } from './books.ts';
import { cpuMicros } from './cpu.ts';
import { fairnessBar, measureFairness } from './fair.ts';
import { findPgbench, prepareTpcB, type Round, throughEngine, tpcB, UsualDesign } from './rounds.ts';

const ACCOUNTS = 10_000;
const HOT_ACCOUNTS = 100;
const CALLERS = 6_000;
const USUAL_CONNECTIONS = 16;
/** Measured over HTTP through the whole stack. */
const GATEWAY_BARS = ['L2', 'L2b', 'L3'];

export interface LedgerOptions {
  readonly isQuick: boolean;
  /** Of the bars, all unless some are named; L1 brings those that are measured beside it. */
  readonly only?: readonly string[] | undefined;
  /** Where the stack behind the gateway leaves a profile of its CPU. */
  readonly profileFolder?: string | undefined;
}

/** The bars of the ledger, each beside its peer, A B A B; true when every one holds and the books prove themselves. */
export async function benchLedger({ isQuick, only, profileFolder }: LedgerOptions): Promise<boolean> {
  const wants = (id: string): boolean => only === undefined || only.includes(id);
  const nodeOptions = profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : [];
  let starting: Promise<BenchStack> | null = null;
  const startNext = (): Promise<BenchStack> | null => {
    if (!GATEWAY_BARS.some(wants)) return null;
    starting ??= startStack(nodeOptions);
    starting.catch(() => undefined); // told to who waits for it
    return starting;
  };
  const engine = wants('L1') ? await benchEngine(isQuick, startNext) : null;
  const stack = await startNext();
  const throughGateway = stack ? await benchThroughGateway(isQuick, wants, stack) : null;
  const bars = [...(engine?.bars ?? []), ...(throughGateway?.bars ?? [])];
  const proof = [...(engine?.wrong ?? []), ...(throughGateway?.wrong ?? [])];
  for (const violation of proof) console.log(`PROOF ${violation}`);
  const versions = { ...(engine ? { PostgreSQL: engine.postgresVersion } : {}), node: process.versions.node };
  report('ledger', versions, bars, { isQuick, ...engine?.facts, proof });
  if (engine) {
    const { cpuMicros: cpu } = engine.facts;
    console.log(
      `\nCPU of all processes per item, µs, median: ${JSON.stringify(cpu)}; pgbench over engine ${(Number(cpu.tpcB) / Number(cpu.cold)).toFixed(1)} ×`,
    );
  }
  return bars.length > 0 && bars.every(({ holds }) => holds);
}

/**
 * L1, L1h, L1f, L1q and L1qa, in this process.
 * @param onMeasured when the books are all that is left to be proved, so that what comes next may be started meanwhile
 */
async function benchEngine(isQuick: boolean, onMeasured: () => unknown) {
  const pgbench = findPgbench();
  if (!pgbench) throw new Error('pgbench is not there: install or unpack Debian’s package postgresql-<version>.');
  const [seconds, count] = isQuick ? [2, 1] : [5, 3];
  const postgres = await startDurablePostgres();
  try {
    await prepareTpcB(pgbench, postgres.adminUrl);
    const databaseUrl = await createEmptyLedger(postgres.adminUrl, 'books');
    const lanes = Number(process.env.BENCH_LANES ?? 2);
    const batchSize = Number(process.env.BENCH_BATCH ?? 2_000);
    const engine = createEngine({ databaseUrl, lanes, batchSize });
    const wallets = await openWallets(databaseUrl, engine, ACCOUNTS);
    const usual = await UsualDesign.open(await createEmptyLedger(postgres.adminUrl, 'usual'), USUAL_CONNECTIONS, wallets);
    const hot = wallets.slice(0, HOT_ACCOUNTS);
    await throughEngine(engine, wallets, CALLERS, isQuick ? 1 : 2); // warm
    const rounds: Rounds = { tpcB: [], cold: [], hot: [], usual: [] };
    const measure = async (into: Measured[], run: () => Promise<Round>): Promise<void> => {
      const before = cpuMicros(postgres.pid());
      const { perSecond, items } = await run();
      into.push({ perSecond, cpuMicros: (cpuMicros(postgres.pid()) - before) / items });
    };
    for (let round = 0; round < count; round += 1) {
      await measure(rounds.tpcB, () => tpcB(pgbench, postgres.adminUrl, seconds));
      await measure(rounds.cold, () => throughEngine(engine, wallets, CALLERS, seconds));
      await measure(rounds.hot, () => throughEngine(engine, hot, CALLERS, seconds));
      await measure(rounds.usual, () => usual.round(seconds));
      console.log(`round ${round + 1}: ${describe(rounds, round)}`);
    }
    const fairness = await measureFairness(engine, wallets, seconds / 2, 'ITEMS');
    const fairnessToAtomic = await measureFairness(engine, wallets, seconds / 2, 'ATOMIC');
    await engine.close();
    await usual.close();
    onMeasured();
    const wrong = await violations(databaseUrl);
    const isProved = wrong.length === 0;
    const cpu = Object.fromEntries(Object.entries(rounds).map(([name, measured]) => [name, Math.round(median(measured.map(cpuOf)))]));
    return {
      bars: [...barsOf(rounds, isProved), fairnessBar(fairness, 'ITEMS', isProved), fairnessBar(fairnessToAtomic, 'ATOMIC', isProved)],
      wrong,
      postgresVersion: await serverVersion(postgres.adminUrl),
      facts: { lanes, batchSize, callers: CALLERS, cpuMicros: cpu },
    };
  } finally {
    await postgres.stop();
  }
}

interface Measured {
  readonly perSecond: number;
  /** Of everything that took part: PostgreSQL, this process, pgbench. It tells more than the clock where others use the machine, too. */
  readonly cpuMicros: number;
}

type Rounds = Readonly<Record<'tpcB' | 'cold' | 'hot' | 'usual', Measured[]>>;

const rateOf = ({ perSecond }: Measured): number => perSecond;
const cpuOf = ({ cpuMicros: micros }: Measured): number => micros;

function describe(rounds: Rounds, at: number): string {
  const names = { tpcB: 'pgbench', cold: 'engine', hot: 'hot', usual: 'usual design' } as const;
  return Object.entries(names)
    .map(([key, name]) => {
      const { perSecond = 0, cpuMicros: micros = 0 } = rounds[key as keyof Rounds][at] ?? {}; // the keys of `names`
      return `${name} ${Math.round(perSecond)}/s (${Math.round(micros)} µs CPU)`;
    })
    .join(', ');
}

function barsOf({ cold, hot, usual, tpcB: peers }: Rounds, isProved: boolean): Bar[] {
  const compare = (
    id: string,
    what: string,
    ours: readonly number[],
    peer: readonly number[],
    bar: string,
    least: number,
    floor = 0,
  ): Bar => {
    const [value, against] = [median(ours), median(peer)];
    const ratio = value / against;
    return { id, what, value, peer: against, ratio, bar, holds: isProved && ratio >= least && value >= floor, rounds: ours };
  };
  const ours = cold.map(rateOf);
  return [
    compare('L1', 'engine in process against pgbench TPC-B, 8 clients', ours, peers.map(rateOf), '≥ 7 × and ≥ 30,000/s', 7, 30_000),
    compare('L1h', 'all between 100 hot accounts against L1', hot.map(rateOf), ours, '≥ 1.0 ×', 1),
    compare('L1f', 'L1 against one transaction per transfer', ours, usual.map(rateOf), '≥ 5 ×', 5),
  ];
}
