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
