import type { Engine } from '@tessera/ledger';
import { type Bar, median } from '../bars.ts';
import { aTransfer } from './books.ts';

const BULK_CALLERS = 8;
const BULK_ITEMS = 1_000;
const SINGLE_CALLERS = 20;
const PART = 0.5;

/** How long one transfer of a caller of its own takes while others keep thousands waiting, against how long their thousand takes. */
export async function measureFairness(
  engine: Engine,
  wallets: readonly string[],
  seconds: number,
): Promise<{ readonly singleMs: number[]; readonly bulkMs: number[] }> {
  const until = performance.now() + seconds * 1_000;
  const repeat = async (into: number[], ask: () => Promise<unknown>): Promise<void> => {
    while (performance.now() < until) {
      const startedMs = performance.now();
      await ask();
      into.push(performance.now() - startedMs);
    }
  };
  const submission = (caller: string) => ({ ...aTransfer(any(wallets), any(wallets), 1n), caller });
  const singleMs: number[] = [];
  const bulkMs: number[] = [];
  await Promise.all([
    ...named('bulk', BULK_CALLERS).map((caller) =>
      repeat(bulkMs, () => engine.submitAll(named('', BULK_ITEMS).map(() => submission(caller)))),
    ),
    ...named('single', SINGLE_CALLERS).map((caller) => repeat(singleMs, () => engine.submit(submission(caller)))),
  ]);
  return { singleMs, bulkMs };
}

export function fairnessBar({ singleMs, bulkMs }: { readonly singleMs: number[]; readonly bulkMs: number[] }, isProved: boolean): Bar {
  const [value, peer] = [median(singleMs), median(bulkMs)];
  const ratio = value / peer;
  const what = `ms of a single transfer while ${BULK_CALLERS} callers keep ${BULK_ITEMS} items each waiting, against theirs`;
  return {
    id: 'L1q',
    what,
    value,
    peer,
    ratio,
    bar: `≤ ${PART} ×`,
    holds: isProved && ratio <= PART,
    rounds: [value, Math.max(...singleMs)],
  };
}

function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`);
}

function any(wallets: readonly string[]): string {
  return wallets[Math.floor(Math.random() * wallets.length)] ?? '';
}
