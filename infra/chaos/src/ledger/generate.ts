import type { PostRequest } from '@tessera/ledger';

/** A small generator of our own: the same seed gives the same schedule on every machine. */
export function createRandom(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (share: number): boolean => next() < share,
    pick: <T>(all: readonly [T, ...T[]] | readonly T[]): T => all[below(all.length)] as T, // never called with an empty list
    shuffled: <T>(all: readonly T[]): T[] => {
      const left = [...all];
      return all.map(() => left.splice(below(left.length), 1)[0] as T); // one is left for each
    },
  };
}

export type Random = ReturnType<typeof createRandom>;

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
/** Those who compete with each other, and those who do not. */
export const WALLETS = RIVALS * ACCOUNTS_OF_RIVALS + 8;
export const SCOPE = 'faults';

/**
 * The first sends have rivals: two bodies under one key that share no account, so that no lock stands between them and only the table of
 * keys can. They start while nothing else is under way.
 */
export function planRound(round: number, fault: Fault, random: Random, wallets: readonly string[], processes: number): RoundPlan {
  const share = 0.3 + random.below(21) / 100;
  const crowd = wallets.slice(RIVALS * ACCOUNTS_OF_RIVALS);
  const sends = Array.from({ length: SENDS }, (_, at): Send => {
    const key = `round-${round}-${at}`;
    const own = wallets.slice(at * ACCOUNTS_OF_RIVALS, (at + 1) * ACCOUNTS_OF_RIVALS);
    const isRivalled = at < RIVALS;
    const request = { scope: SCOPE, key, actor: `service:${SCOPE}`, traceparent: null };
    const among = isRivalled ? own.slice(0, 2) : crowd;
    const legs = Array.from({ length: !isRivalled && random.chance(0.2) ? 2 : 1 }, () => aLeg(random, among));
    const copies = 1 + (!isRivalled && random.chance(share) ? 1 : 0);
    const to = isRivalled ? [at % processes] : Array.from({ length: copies }, () => random.below(processes));
    return { key, to, request: { ...request, legs }, rival: isRivalled ? { ...request, legs: [aLeg(random, own.slice(2))] } : null };
  });
  const strikesAfter = Array.from({ length: STRIKES }, () => RIVALS + random.below(SENDS - RIVALS));
  return { fault, strikesAfter, sends };
}

const FEES = 'system:fees:USD';

/** Amounts that wallets often do not have, so that floors are tried. What goes to the fees comes back, or all would end there. */
function aLeg(random: Random, wallets: readonly string[]): PostRequest['legs'][number] {
  const debit = random.pick(wallets);
  const others = wallets.filter((wallet) => wallet !== debit);
  const isCrowd = wallets.length > 2;
  if (isCrowd && random.chance(0.12)) return aMove(FEES, debit, 1 + random.below(60));
  return aMove(debit, isCrowd && random.chance(0.1) ? FEES : random.pick(others), 1 + random.below(60));
}

function aMove(debit: string, credit: string, minor: number): PostRequest['legs'][number] {
  return { kind: 'MOVE', debit, credit, amount: { currency: 'USD', minor: BigInt(minor) }, code: 'TRANSFER' };
}
