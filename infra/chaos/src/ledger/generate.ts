import type { PostRequest } from '@tessera/ledger/engine';

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
  };
}

export type Random = ReturnType<typeof createRandom>;

export const FAULTS = ['NONE', 'KILL_PROCESS', 'TERMINATE_BACKENDS', 'DROP_COMMIT_ANSWER', 'RESET_CONNECTIONS', 'STOP_POSTGRES'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Send {
  readonly key: string;
  readonly request: PostRequest;
  /** Which of the processes, as often as it is sent at once: the share of duplicates is 30 to 50 %. */
  readonly to: readonly number[];
}

export interface RoundPlan {
  readonly fault: Fault;
  /** After how many sends the fault strikes. */
  readonly strikesAfter: number;
  readonly sends: readonly Send[];
}

const SENDS = 120;
export const SCOPE = 'faults';

export function planRound(round: number, random: Random, wallets: readonly string[], processes: number): RoundPlan {
  const share = 0.3 + random.below(21) / 100;
  const sends = Array.from({ length: SENDS }, (_, at): Send => {
    const key = `round-${round}-${at}`;
    const legs = Array.from({ length: random.chance(0.2) ? 2 : 1 }, () => aLeg(random, wallets));
    const copies = 1 + (random.chance(share) ? 1 : 0);
    const to = Array.from({ length: copies }, () => random.below(processes));
    return { key, to, request: { scope: SCOPE, key, legs, actor: `service:${SCOPE}`, traceparent: null } };
  });
  return { fault: random.pick(FAULTS), strikesAfter: random.below(SENDS), sends };
}

/** Amounts that wallets often do not have, so that floors are tried. */
function aLeg(random: Random, wallets: readonly string[]): PostRequest['legs'][number] {
  const debit = random.pick(wallets);
  const others = wallets.filter((wallet) => wallet !== debit);
  const credit = random.chance(0.1) ? 'system:fees:USD' : random.pick(others);
  return { kind: 'MOVE', debit, credit, amount: { currency: 'USD', minor: BigInt(1 + random.below(60)) }, code: 'TRANSFER' };
}
