import type { Engine, Submission } from '@tessera/ledger';
import { type Bar, median } from '../bars.ts';
import { aTransfer } from './books.ts';

const BULK_CALLERS = 8;
const BULK_ITEMS = 1_000;
const SINGLE_CALLERS = 20;
const PART = 0.5;

/** How others ask for their thousand: each item a request of its own, or all of them legs of one. */
export type Bulk = 'ITEMS' | 'ATOMIC';

export interface Fairness {
  readonly singleMs: number[];
  readonly bulkMs: number[];
}

/** How long one transfer of a caller of its own takes while others keep thousands waiting, against how long their thousand takes. */
export async function measureFairness(engine: Engine, wallets: readonly string[], seconds: number, bulk: Bulk): Promise<Fairness> {
  const until = performance.now() + seconds * 1_000;
  const repeat = async (into: number[], ask: () => Promise<unknown>): Promise<void> => {
    while (performance.now() < until) {
      const startedMs = performance.now();
      await ask();
      into.push(performance.now() - startedMs);
    }
  };
  const submission = (caller: string) => ({ ...aTransfer(...anyTwo(wallets), 1n), caller });
  const items = (caller: string) => named('', BULK_ITEMS).map(() => submission(caller));
  const askBulk = async (caller: string): Promise<unknown> => {
    if (bulk === 'ITEMS') return engine.submitAll(items(caller));
    const { outcome } = await engine.submit(linked(items(caller)));
    if (outcome.kind !== 'POSTED') throw new Error(`An atomic batch was not posted: ${outcome.kind}`);
  };
  const singleMs: number[] = [];
  const bulkMs: number[] = [];
  await Promise.all([
    ...named('bulk', BULK_CALLERS).map((caller) => repeat(bulkMs, () => askBulk(caller))),
    ...named('single', SINGLE_CALLERS).map((caller) => repeat(singleMs, () => engine.submit(submission(caller)))),
  ]);
  return { singleMs, bulkMs };
}

function linked([first, ...others]: readonly Submission[]): Submission {
  if (!first) throw new Error('An atomic batch has items.');
  return { ...first, request: { ...first.request, legs: [first, ...others].flatMap(({ request }) => request.legs) } };
}

export function fairnessBar({ singleMs, bulkMs }: Fairness, bulk: Bulk, isProved: boolean): Bar {
  const [value, peer] = [median(singleMs), median(bulkMs)];
  const ratio = value / peer;
  const bulks = bulk === 'ITEMS' ? `${BULK_ITEMS} items` : `an atomic batch of ${BULK_ITEMS}`;
  const what = `ms of a single transfer while ${BULK_CALLERS} callers keep ${bulks} each waiting, against theirs`;
  return {
    id: bulk === 'ITEMS' ? 'L1q' : 'L1qa',
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

function anyTwo(wallets: readonly string[]): [string, string] {
  const one = Math.floor(Math.random() * wallets.length);
  const other = one + 1 + Math.floor(Math.random() * (wallets.length - 1));
  return [wallets[one] ?? '', wallets[other % wallets.length] ?? ''];
}
