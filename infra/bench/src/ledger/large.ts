import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createEngine } from '@tessera/ledger';
import { createEmptyLedger, startDurablePostgres } from '@tessera/local';
import { type Bar, median, quantile, report } from '../bars.ts';
import { serverVersion, withClient } from './books.ts';
import { writeHistory } from './history.ts';
import { barsOfProofs, type OpenLedger, proveBoth } from './prove-large.ts';
import { measureReads, type Reads } from './reads.ts';
import { throughEngine } from './rounds.ts';

const ACCOUNTS = 10_000;
const CALLERS = 8_000;
const SMALL = 100_000;
const LARGE = 10_000_000;
const READ_WALLETS = 50;
const READ_LIMIT_MS = 5;

/** As on a server for a ledger of this size: what is written to again and again has room in memory, and every page is not logged whole once a minute. */
const SETTINGS = { shared_buffers: '4GB', effective_cache_size: '12GB', max_wal_size: '16GB' };

/**
 * L4: the ledger after ten million transfers beside one after a hundred thousand, A B A B; what owners then wait for their pages; and what it takes
 * to prove all of it, and what came since.
 */
export async function benchLargeLedger(isQuick: boolean): Promise<boolean> {
  const [seconds, count] = isQuick ? [3, 2] : [8, 3];
  const transfers = Number(process.env.BENCH_TRANSFERS ?? LARGE);
  ensureRoomFor(transfers);
  const postgres = await startDurablePostgres(SETTINGS);
  try {
    const small = await open(postgres.adminUrl, 'small_ledger', SMALL);
    const large = await open(postgres.adminUrl, 'large_ledger', transfers);
    // A ledger grows for years before it is this large: what was written just now is not to be measured.
    await withClient(postgres.adminUrl, (client) => client.query('checkpoint'));
    const rounds = { small: [] as number[], large: [] as number[] };
    for (const ledger of [small, large]) await run(ledger, 2); // warm
    for (let round = 0; round < count; round += 1) {
      rounds.small.push(await run(small, seconds));
      rounds.large.push(await run(large, seconds));
      console.log(
        `round ${round + 1}: ${rounds.small[round]?.toFixed(0)}/s after ${SMALL}, ${rounds.large[round]?.toFixed(0)}/s after ${transfers}`,
      );
    }
    const { wallets } = large.history;
    const some = Array.from({ length: READ_WALLETS }, (_, at) => wallets[Math.floor((at * wallets.length) / READ_WALLETS)] ?? '');
    const reads = await measureReads(large.databaseUrl, some, (2 * large.history.transfers) / ACCOUNTS);
    const proofs = await proveBoth(postgres.adminUrl, small, large, seconds);
    await Promise.all([small.engine.close(), large.engine.close()]);
    const wrong = Object.values(proofs).flatMap((proof) => proof.wrong);
    for (const violation of wrong) console.log(`PROOF ${violation}`);
    const versions = { PostgreSQL: await serverVersion(postgres.adminUrl), node: process.versions.node };
    const bars = [...barsOf(transfers, rounds, reads, wrong.length === 0), ...barsOfProofs(proofs)];
    report('ledger-large', versions, bars, { isQuick, accounts: ACCOUNTS, transfers, callers: CALLERS, settings: SETTINGS, proofs });
    return bars.every(({ holds }) => holds);
  } finally {
    await postgres.stop();
  }
}

/** Rows, indexes, log, and the temporary files of the proof. */
const BYTES_PER_TRANSFER = 2_000;

function ensureRoomFor(transfers: number): void {
  const { bavail, bsize } = statfsSync(tmpdir());
  const needed = transfers * BYTES_PER_TRANSFER;
  if (bavail * bsize < needed)
    throw new Error(`${tmpdir()} has not the ${Math.ceil(needed / 2 ** 30)} GB of room that ${transfers} transfers take.`);
}

async function open(adminUrl: string, name: string, transfers: number): Promise<OpenLedger> {
  const databaseUrl = await createEmptyLedger(adminUrl, name);
  const startedMs = performance.now();
  const history = await writeHistory(databaseUrl, ACCOUNTS, transfers, (done) =>
    console.log(`${name}: ${done}, ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`),
  );
  return { databaseUrl, history, engine: createEngine({ databaseUrl }) };
}

async function run({ engine, history }: OpenLedger, seconds: number): Promise<number> {
  return (await throughEngine(engine, history.wallets, CALLERS, seconds)).perSecond;
}

function barsOf(transfers: number, rounds: { readonly small: number[]; readonly large: number[] }, reads: Reads, isProved: boolean): Bar[] {
  const [value, peer] = [median(rounds.large), median(rounds.small)];
  const ratio = value / peer;
  const throughput = {
    id: 'L4',
    what: `transfers/s after ${transfers.toLocaleString('en')} against after ${SMALL.toLocaleString('en')}`,
    value,
    peer,
    ratio,
    bar: '≥ 0.8 ×',
    rounds: rounds.large,
  };
  return [
    { ...throughput, holds: isProved && ratio >= 0.8 },
    latency('L4p', 'first page of a wallet, p95, ms', reads.firstPage, isProved),
    latency('L4m', 'page in the middle, p95, ms', reads.middlePage, isProved),
    latency('L4b', 'balance at an instant in the middle, p95, ms', reads.balanceAt, isProved),
  ];
}

function latency(id: string, what: string, values: readonly number[], isProved: boolean): Bar {
  const value = quantile(values, 0.95);
  const rounds = [0.5, 0.95, 0.99].map((part) => quantile(values, part));
  return { id, what, value, peer: null, ratio: null, bar: `≤ ${READ_LIMIT_MS} ms`, holds: isProved && value <= READ_LIMIT_MS, rounds };
}
