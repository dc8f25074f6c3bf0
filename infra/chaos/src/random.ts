import { createHash } from 'node:crypto';

const RANGE = 2 ** 32;

/** One question of a seeded run, answered the same however often and in whatever order it is asked. */
export type Draw = (question: string) => number;

/** @returns a number from 0 up to but not including 1, by seed, subject and question alone */
export function drawFor(seed: number, subject: number | string): Draw {
  return (question) => createHash('sha256').update(`${seed}/${subject}/${question}`).digest().readUInt32BE(0) / RANGE;
}

export function pick<T>(options: readonly [T, ...T[]], fraction: number): T {
  return options[Math.floor(fraction * options.length)] ?? options[0];
}

export function between(low: number, high: number, fraction: number): number {
  return low + Math.floor(fraction * (high - low + 1));
}

/** By weight: what has twice the weight comes twice as often. */
export function pickWeighted<Name extends string>(weights: Readonly<Record<Name, number>>, fraction: number): Name {
  const entries = Object.entries(weights) as [Name, number][]; // its own keys
  let left = fraction * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  throw new RangeError('There is nothing to pick from.');
}
