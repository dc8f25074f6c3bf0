import type { PostRequest } from '@tessera/ledger';
import { aHold, type Legs, type PlacedHold, planResolutions } from './holds.ts';
import type { Random } from './random.ts';

export const FAULTS = [
  'NONE',
  'KILL_PROCESS',
  'TERMINATE_BACKENDS',
  'DROP_COMMIT',
  'DROP_COMMIT_ANSWER',
  'RESET_CONNECTIONS',
  'STOP_POSTGRES',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Every kind comes as often as the others, in an order of the seed's. */
export function planFaults(rounds: number, random: Random): Fault[] {
  const faults: Fault[] = [];
  while (faults.length < rounds) faults.push(...random.shuffled(FAULTS));
  return faults.slice(0, rounds);
}

export interface Send {
  readonly key: string;
  readonly request: PostRequest;
  /** Another request under the same key, sent at the same time by somebody who made a mistake: one of the two is the fact. */
  readonly rival: PostRequest | null;
  /** Which of the processes, as often as it is sent at once: the share of duplicates is 30 to 50 %. */
  readonly to: readonly number[];
}

export interface RoundPlan {
  readonly fault: Fault;
  /** After how many sends the fault strikes, each time. */
  readonly strikesAfter: readonly number[];
  readonly sends: readonly Send[];
}

const SENDS = 120;
const STRIKES = 3;
const RIVALS = 6;
const ACCOUNTS_OF_RIVALS = 4;
const CROWD = 12;
/** Those who compete with each other, and those who do not. */
export const WALLETS = RIVALS * ACCOUNTS_OF_RIVALS + CROWD;
export const SCOPE = 'faults';

/** One send in so many asks for the resolution of a hold, as long as there are any to ask for. */
const RESOLUTION_EVERY = 5;

export interface Circumstances {
  readonly wallets: readonly string[];
  readonly processes: number;
  /** Deadlines count from here. */
  readonly startsAtMs: number;
  /** What can be resolved. */
  readonly holds: readonly PlacedHold[];
}

/**
 * The first sends have rivals: two bodies under one key that share no account, so that no lock stands between them and only the table of
 * keys can. They start while nothing else is under way.
 */
export function planRound(
  round: number,
  fault: Fault,
  random: Random,
  { wallets, processes, startsAtMs, holds }: Circumstances,
): RoundPlan {
  const share = 0.3 + random.below(21) / 100;
  const crowd = wallets.slice(RIVALS * ACCOUNTS_OF_RIVALS);
  const resolutions = planResolutions(random, holds, () => ({ ...aMove(random, crowd), code: 'OTHER' }));
  const anyLegs = (at: number): Legs => {
    const resolution = at % RESOLUTION_EVERY === 0 ? resolutions.pop() : undefined;
    if (resolution) return resolution;
    if (random.chance(0.1)) return aHold(random, pairOf(random, crowd), startsAtMs);
    return Array.from({ length: random.chance(0.2) ? 2 : 1 }, () => aMove(random, crowd));
  };
  const sends = Array.from({ length: SENDS }, (_, at): Send => {
    const key = `round-${round}-${at}`;
    const own = wallets.slice(at * ACCOUNTS_OF_RIVALS, (at + 1) * ACCOUNTS_OF_RIVALS);
    const request = { scope: SCOPE, key, actor: `service:${SCOPE}`, traceparent: null };
    if (at < RIVALS) {
      const between = (two: readonly string[]): PostRequest => ({ ...request, legs: [aMove(random, two)] });
      return { key, to: [at % processes], request: between(own.slice(0, 2)), rival: between(own.slice(2)) };
    }
    const to = Array.from({ length: random.chance(share) ? 2 : 1 }, () => random.below(processes));
    return { key, to, request: { ...request, legs: anyLegs(at) }, rival: null };
  });
  const strikesAfter = Array.from({ length: STRIKES }, () => RIVALS + random.below(SENDS - RIVALS));
  return { fault, strikesAfter, sends };
}

const FEES = 'system:fees:USD';

/** Amounts that wallets often do not have, so that floors are tried. */
function aMove(random: Random, wallets: readonly string[]): Extract<Legs[number], { kind: 'MOVE' }> {
  const amount = { currency: 'USD', minor: BigInt(1 + random.below(60)) };
  return { kind: 'MOVE', ...pairOf(random, wallets), amount, code: 'TRANSFER' };
}

/** What goes to the fees comes back, or all would end there. Rivals keep to themselves. */
function pairOf(random: Random, wallets: readonly string[]): { readonly debit: string; readonly credit: string } {
  const debit = random.pick(wallets);
  const others = wallets.filter((wallet) => wallet !== debit);
  const isCrowd = wallets.length > 2;
  if (isCrowd && random.chance(0.12)) return { debit: FEES, credit: debit };
  return { debit, credit: isCrowd && random.chance(0.1) ? FEES : random.pick(others) };
}
