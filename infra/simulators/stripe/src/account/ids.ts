import { characters } from './random.ts';
import type { Store } from './store.ts';

/** What follows the prefix, in Stripe's lengths. */
const LENGTHS = {
  pi: 24,
  ch: 24,
  cs_test: 58,
  re: 24,
  du: 24,
  evt: 24,
  txn: 24,
  cus: 14,
  pm: 24,
  seti: 24,
  we: 24,
  li: 24,
  price: 24,
  prod: 14,
  whsec: 32,
  secret: 25,
  dlv: 24,
  task: 24,
} as const;

export type IdKind = keyof typeof LENGTHS;

/** Ids in Stripe's shapes, each from the seed and the count of its kind: a run is the same every time, whatever else happens around. */
export interface Ids {
  next(kind: IdKind): string;
}

/** The counts live in the store, so they go back with a transaction that is undone and go on after a restart. */
export function createIds(seed: number, store: Store): Ids {
  return {
    next: (kind) => {
      const value = (store.get('counter', kind)?.value ?? 0) + 1;
      store.put('counter', { id: kind, value });
      return `${kind}_${characters(seed, kind, value, LENGTHS[kind])}`;
    },
  };
}
