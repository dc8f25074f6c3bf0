import { createEngine } from '@tessera/ledger';
import { startDurablePostgres } from '@tessera/local';
import { type Bar, median, report } from '../bars.ts';
import { createBooks, openWallets, violations, withClient } from './books.ts';
import { findPgbench, prepareTpcB, type Round, throughEngine, tpcB, UsualDesign } from './rounds.ts';

const ACCOUNTS = 10_000;
const HOT_ACCOUNTS = 100;
const CALLERS = 8_000;
const USUAL_CONNECTIONS = 16;

/** L1, L1h and L1f of the ledger, each beside its peer, A B A B; true when every bar holds and the books prove themselves. */
export async function benchLedger(isQuick: boolean): Promise<boolean> {
  const pgbench = findPgbench();
  if (!pgbench) throw new Error('pgbench is not there: install or unpack Debian’s package postgresql-<version>.');
  const [seconds, count] = isQuick ? [3, 2] : [8, 3];
  const postgres = await startDurablePostgres();
  try {
    await prepareTpcB(pgbench, postgres.adminUrl);
    const databaseUrl = await createBooks(postgres.adminUrl, 'books');
    const lanes = Number(process.env.BENCH_LANES ?? 2);
    const batchSize = Number(process.env.BENCH_BATCH ?? 2_000);
    const engine = createEngine({ databaseUrl, lanes, batchSize });
    const wallets = await openWallets(databaseUrl, engine, ACCOUNTS);
    const usual = await UsualDesign.open(await createBooks(postgres.adminUrl, 'usual'), USUAL_CONNECTIONS, wallets);
    const hot = wallets.slice(0, HOT_ACCOUNTS);
    await throughEngine(engine, wallets, CALLERS, 2); // warm
    const rounds = { cold: [] as Round[], hot: [] as Round[], usual: [] as Round[], tpcB: [] as number[] };
    for (let round = 0; round < count; round += 1) {
      rounds.tpcB.push(await tpcB(pgbench, postgres.adminUrl, seconds));
      rounds.cold.push(await throughEngine(engine, wallets, CALLERS, seconds));
      rounds.hot.push(await throughEngine(engine, hot, CALLERS, seconds));
      rounds.usual.push(await usual.round(seconds));
      console.log(`round ${round + 1}: ${JSON.stringify(rates(rounds, round))}`);
    }
    await engine.close();
    await usual.close();
    const wrong = await violations(databaseUrl);
    for (const violation of wrong) console.log(`PROOF ${violation}`);
    const server = await withClient(postgres.adminUrl, (client) => client.query('show server_version'));
    const versions = { PostgreSQL: String(server.rows[0]?.server_version), node: process.versions.node };
    const bars = barsOf(rounds, wrong.length === 0);
    report('ledger', versions, bars, { isQuick, lanes, batchSize, callers: CALLERS, proof: wrong, nodeCpuMicros: rounds.cold.map(cpuOf) });
    return bars.every(({ holds }) => holds);
  } finally {
    await postgres.stop();
  }
}

interface Rounds {
  readonly cold: readonly Round[];
  readonly hot: readonly Round[];
  readonly usual: readonly Round[];
  readonly tpcB: readonly number[];
}

const rateOf = ({ perSecond }: Round): number => perSecond;
const cpuOf = ({ cpuMicrosPerItem }: Round): number => Math.round(cpuMicrosPerItem * 10) / 10;

function rates({ cold, hot, usual, tpcB: peer }: Rounds, at: number) {
  const whole = (round: Round | undefined) => Math.round(round?.perSecond ?? 0);
  return {
    pgbench: Math.round(peer[at] ?? 0),
    engine: whole(cold[at]),
    hot: whole(hot[at]),
    usual: whole(usual[at]),
    nodeCpuMicros: cold[at] && cpuOf(cold[at]),
  };
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
    compare('L1', 'engine in process against pgbench TPC-B, 8 clients', ours, peers, '≥ 7 × and ≥ 30,000/s', 7, 30_000),
    compare('L1h', 'all between 100 hot accounts against L1', hot.map(rateOf), ours, '≥ 1.0 ×', 1),
    compare('L1f', 'L1 against one transaction per transfer', ours, usual.map(rateOf), '≥ 5 ×', 5),
  ];
}
