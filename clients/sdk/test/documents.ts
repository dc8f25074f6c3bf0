import { parse } from 'graphql';
import type { Pace } from '../src/pace.ts';
import type { TypedDocument } from '../src/typed-document.ts';

export const Look: TypedDocument<{ readonly thing: string | null }, Record<string, never>> = parse('query Look { thing }');

export type ActResult =
  | { readonly __typename: 'Done'; readonly id: string }
  | { readonly __typename: 'IdempotencyInProgress'; readonly retryAfterMs: number };
export const Act: TypedDocument<{ readonly act: ActResult }, { readonly amount?: number }> = parse(
  'mutation Act($amount: Int) { act(amount: $amount) { __typename } }',
);

export interface Tick {
  readonly ticked: { readonly cursor: string; readonly kind: string; readonly figure: number };
}
export const Ticks: TypedDocument<Tick, { readonly after?: string }> = parse(
  'subscription Ticks($after: Cursor) { ticked(after: $after) { cursor kind figure } }',
);

export interface ControlledPace extends Pace {
  readonly slept: readonly number[];
  advance(ms: number): void;
}

/** Time that only passes when somebody sleeps, and no chance. */
export function controlledPace(): ControlledPace {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    random: () => 0,
    advance: (ms) => {
      nowMs += ms;
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      nowMs += ms;
    },
  };
}
