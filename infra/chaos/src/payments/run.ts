import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultFamily, FaultPlan } from '@tessera/stripe-simulator';
import { verify } from '@tessera/verify';
import { between, drawFor } from '../random.ts';
import type { World } from '../world/world.ts';
import { type ThreeBooks, threeBooks } from './books.ts';
import { complaints } from './complaints.ts';
import { type Facts, readFacts } from './facts.ts';
import { generate } from './generate.ts';
import type { Played } from './history.ts';
import { judge } from './judge.ts';
import { quiesce } from './quiesce.ts';

/** The bar: what a provider has to be able to do to a platform without anybody losing money. */
const FAULTS: Partial<FaultPlan> = {
  lostResponse: 0.1,
  duplicateWebhook: 0.1,
  reorderWebhook: 0.1,
  serverError: 0.05,
  outage: { probability: 0.02, durationMs: 1_500 },
};

/** How long nothing may get less before it counts as hanging: longer than the longest wait between two tries. */
const PATIENCE_MS = 60_000;
/** One kill per so many checkouts, at least one. */
const CHECKOUTS_PER_KILL = 15;

export interface RunOptions {
  readonly seed: number;
  readonly checkouts: number;
  readonly hasFaults: boolean;
  readonly hasKills: boolean;
  /** Told how far it has come. */
  readonly progress: Progress;
}

export interface Progress {
  stage(title: string): void;
  played(done: number): void;
  left(things: number): void;
}

export interface RunReport {
  readonly seed: number;
  readonly checkouts: number;
  readonly played: readonly Played[];
  readonly facts: Facts;
  readonly books: readonly ThreeBooks[];
  readonly injected: Readonly<Record<FaultFamily, number>>;
  readonly lostAnswers: number;
  readonly kills: number;
  /** What was still under way when the patience ended. */
  readonly hanging: readonly string[];
  /** What is wrong: with single checkouts, with the books, or for `verify`. */
  readonly violations: readonly string[];
  readonly verifyChecks: number;
  readonly isOk: boolean;
}

/** Load under faults, then heal, then wait for rest, then compare everything with everything. */
export async function run(world: World, options: RunOptions): Promise<RunReport> {
  const { seed, checkouts, hasFaults, hasKills, progress } = options;
  progress.stage('checkouts');
  if (hasFaults) await world.simulator.setFaults(FAULTS);
  const killer = hasKills ? startKiller(world, seed, checkouts) : null;
  const { played, lostAnswers } = await generate(world, {
    ...{ seed, checkouts, isLossy: hasFaults },
    onPlayed: (_, done) => {
      progress.played(done);
      killer?.note(done);
    },
  });
  await killer?.settled();
  const injected = await world.simulator.injected();
  await world.simulator.setFaults({});
  progress.stage('rest');
  const hanging = await quiesce(world, PATIENCE_MS, progress.left);
  progress.stage('judgement');
  const facts = await readFacts(world);
  const books = await threeBooks(world, facts);
  const verified = await verify(world.verifyUrls);
  const violations = [
    ...hanging.map((text) => `not at rest: ${text}`),
    ...played.flatMap((one) => judge(one, facts)),
    ...strangers(played, facts),
    ...books.filter(({ isEqual }) => !isEqual).map(({ currency }) => `the three books differ in ${currency}`),
    ...complaints(world),
    ...verified.checks.flatMap(({ invariant, id, violations: found }) => found.map((text) => `verify ${invariant} ${id}: ${text}`)),
  ];
  return {
    ...{ seed, checkouts, played, facts, books, injected, lostAnswers, hanging, violations },
    ...{ kills: killer?.kills() ?? 0, verifyChecks: verified.checks.length, isOk: violations.length === 0 },
  };
}

/** Nothing may exist that nobody was told of: an order, or money at the provider. */
function strangers(played: readonly Played[], facts: Facts): string[] {
  const known = new Set(played.map(({ orderId }) => orderId));
  const lost = played.some(({ orderId }) => orderId === null);
  const payments = new Set([...facts.payments.values()].map(({ id }) => id));
  return [
    ...[...facts.orders.keys()].filter((id) => !known.has(id) && !lost).map((id) => `order ${id} exists, and nobody was told`),
    ...[...facts.charges.keys()].filter((id) => !payments.has(id)).map((id) => `there is a charge of no payment: ${id}`),
  ];
}

interface Killer {
  /** So many checkouts are done: it may be time. */
  note(done: number): void;
  settled(): Promise<void>;
  kills(): number;
}

/** Ends payments without warning after seeded numbers of checkouts, a seeded moment later, and starts it again. */
function startKiller(world: World, seed: number, checkouts: number): Killer {
  const draw = drawFor(seed, 'kills');
  const count = Math.max(1, Math.floor(checkouts / CHECKOUTS_PER_KILL));
  const moments = Array.from({ length: count }, (_, index) => between(1, checkouts - 1, draw(`moment ${index}`))).sort((a, b) => a - b);
  let kills = 0;
  let last: Promise<void> = Promise.resolve();
  const killOnce = async (index: number) => {
    await sleep(between(0, 500, draw(`pause ${index}`)));
    kills += 1;
    await world.restart('payments');
  };
  let failure: unknown = null;
  return {
    note: (done) => {
      for (let at = moments[0]; at !== undefined && at <= done; at = moments[0]) {
        moments.shift();
        const index = moments.length;
        last = last
          .then(() => killOnce(index))
          .catch((error: unknown) => {
            failure = error;
          });
      }
    },
    settled: async () => {
      await last;
      if (failure) throw failure;
    },
    kills: () => kills,
  };
}
