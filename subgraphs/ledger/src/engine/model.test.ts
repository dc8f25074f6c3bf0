import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aProgram } from '../../test/programs.ts';
import { ACCOUNTS, createReference, FLOORS, LIMITED, LIMITS, type ModelLeg, type Step } from '../../test/reference.ts';
import { type AccountState, availableOf, balanceOf, MAX_MINOR } from './account.ts';
import { ACCOUNT_RULES, type AccountKind } from './address.ts';
import { answerAll } from './decide.ts';
import type { Books } from './evaluate.ts';
import { itemOf } from './item.ts';
import type { KnownFact } from './keys.ts';
import { type LimitState, usedToday } from './limit.ts';
import type { Leg, PostOutcome, PostRequest } from './request.ts';

const KINDS: Readonly<Record<string, AccountKind>> = {
  a: 'WALLET',
  b: 'WALLET',
  c: 'WALLET',
  escrow: 'ESCROW',
  fees: 'FEES',
  bank: 'BANK',
};
const NOW_MS = Date.parse('2026-11-21T09:00:00.000Z');
const TICK_MS = 60_000;
/** Programs to try; more by `LEDGER_PROGRAMS`. */
const PROGRAMS = Number(process.env.LEDGER_PROGRAMS ?? 2_000);
const OPENING: readonly Step[] = [
  { key: -1, legs: [{ kind: 'MOVE', from: 'bank', to: 'a', minor: 300n }] },
  { key: -2, legs: [{ kind: 'MOVE', from: 'bank', to: 'escrow', minor: 90n }] },
];

/** What has to come up, so that the agreement says something. */
const MUST_HAPPEN = [
  ...[
    'POSTED',
    'LINKED',
    'LINKED_REFUSED',
    'PARTLY_POSTED',
    'EXPIRED',
    'VOIDED',
    'WHATEVER_IS_LEFT',
    'OVERDRAWN',
    'REVERSED',
    'CLOSED',
    'REPLAYED',
    'REFUSAL_REPLAYED',
  ],
  ...[
    'KEY_REUSED',
    'ACCOUNT_CLOSED',
    'ALREADY_REVERSED',
    'AMOUNT_INVALID',
    'BALANCE_LIMIT',
    'DEADLINE_PASSED',
    'HOLD_EXPIRED',
    'HOLD_NOT_DUE',
    'HOLD_NOT_FOUND',
  ],
  ...['HOLD_POSTED', 'HOLD_VOIDED', 'INSUFFICIENT_FUNDS', 'LIMIT_EXCEEDED', 'SAME_ACCOUNT'],
];
const TIMES_PER_1_000_PROGRAMS = 25;

describe('the engine against a reference model', () => {
  const seen = new Map<string, number>();
  const note = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1);

  it(`MUST answer as the model does after every step of ${PROGRAMS} programs`, () => {
    fc.assert(
      fc.property(aProgram, (program) => {
        const reference = createReference();
        const engine = anEngine();
        for (const step of [...OPENING, ...program]) {
          expect(engine.ask(step, note)).toBe(reference.ask(step));
          const { balance, free } = reference.sums();
          const expected = ACCOUNTS.map((id) => `${id} ${balance(id)} ${free(id)}`);
          expect(engine.standing()).toBe(expected.join(', '));
          expect(engine.used()).toBe(reference.usedToday());
        }
      }),
      { numRuns: PROGRAMS },
    );
  });

  it('MUST have met everything that can happen, often enough', () => {
    const rare = MUST_HAPPEN.filter((what) => (seen.get(what) ?? 0) < (TIMES_PER_1_000_PROGRAMS * PROGRAMS) / 1_000);
    expect([rare, Object.fromEntries(seen)]).toEqual([[], expect.anything()]);
  });
});

function anEngine() {
  const accounts = new Map(ACCOUNTS.map((id) => [id, anAccount(id)]));
  let [count, tick] = [0, 0];
  const [holds, moves]: [string[], string[]] = [[], []];
  const limits = new Map<string, LimitState>([
    ['user USD', { ownerId: 'user', currency: 'USD', ...LIMITS, usedMinor: 0n, usedOn: '1970-01-01' }],
  ]);
  const now = () => new Date(NOW_MS + tick * TICK_MS);
  const books = {
    accounts,
    limits,
    ids: new Map<string, string>(),
    holds: new Map(),
    reversed: new Set<string>(),
    newId: (kind: string) => `${kind}-${++count}`,
  };
  const known = new Map<string, KnownFact>();
  return {
    /** `POSTED`, or why not. */
    ask(step: Step, note: (what: string) => unknown): string {
      if ('wait' in step) {
        tick += step.wait;
        return 'WAITED';
      }
      if ('close' in step) return close(accounts, step.close, note);
      const request = requestOf(step, { holds, moves, tick });
      const before = sequencesOf(accounts);
      const [outcome] = answerAll([itemOf(request)], { ...books, now: now() } as Books, known).outcomes as [PostOutcome]; // one for each
      if (outcome.kind === 'POSTED' && !outcome.isReplayed) {
        for (const { id, state, resolves } of outcome.transfers) {
          if (state === 'PENDING') holds.push(id);
          else if (!resolves) moves.push(id);
        }
      } else expect(sequencesOf(accounts)).toBe(before);
      return noted(step.legs, outcome, note);
    },
    used: (): bigint => usedToday(limits.get('user USD') as LimitState, now()), // made above
    standing: (): string =>
      [...accounts.values()].map((account) => `${account.id} ${balanceOf(account)} ${availableOf(account)}`).join(', '),
  };
}

function sequencesOf(accounts: ReadonlyMap<string, AccountState>): string {
  return [...accounts.values()].map(({ sequence }) => sequence).join();
}

function anAccount(id: string): AccountState {
  const kind = KINDS[id] ?? 'WALLET';
  const counters = { debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n, sequence: 0n };
  const { normalSide } = ACCOUNT_RULES[kind];
  return {
    id,
    kind,
    address: null,
    ownerId: LIMITED.includes(id) ? 'user' : null,
    isLimited: LIMITED.includes(id),
    currency: 'USD',
    normalSide,
    floorMinor: FLOORS[id] ?? null,
    isClosed: false,
    ...counters,
  };
}

/** As `walletClose` does: only what is empty. */
function close(accounts: Map<string, AccountState>, id: string, note: (what: string) => unknown): string {
  const account = accounts.get(id) as AccountState; // made above
  if (balanceOf(account) !== 0n || account.debitsPending > 0n || account.creditsPending > 0n) return 'NOT_EMPTY';
  accounts.set(id, { ...account, isClosed: true });
  note('CLOSED');
  return 'CLOSED';
}

function noted(legs: readonly ModelLeg[], outcome: PostOutcome, note: (what: string) => unknown): string {
  if (outcome.kind === 'KEY_REUSED') return note('KEY_REUSED') ? 'KEY_REUSED' : '';
  if (outcome.isReplayed) note(outcome.kind === 'POSTED' ? 'REPLAYED' : 'REFUSAL_REPLAYED');
  if (outcome.kind === 'REFUSED') {
    note(outcome.refusal.reason);
    if (outcome.refusal.leg > 0) note('LINKED_REFUSED');
    return outcome.refusal.reason;
  }
  note('POSTED');
  if (outcome.transfers.length > 1) note('LINKED');
  if (legs.some((leg) => !('hold' in leg) && leg.minor === 'AVAILABLE')) note('WHATEVER_IS_LEFT');
  for (const { state, amountMinor, releasedMinor, reverses, debit } of outcome.transfers) {
    if (state === 'EXPIRED' || state === 'VOIDED') note(state);
    if (state === 'POSTED' && releasedMinor !== null && releasedMinor > amountMinor) note('PARTLY_POSTED');
    if (reverses) note('REVERSED');
    if (debit.accountId === 'c' && debit.balanceMinor < 0n) note('OVERDRAWN');
  }
  return 'POSTED';
}

interface Placed {
  readonly holds: readonly string[];
  readonly moves: readonly string[];
  readonly tick: number;
}

/** What the client says stays the same when it asks again: deadlines and holds are those of the first time. */
function requestOf({ key, legs }: Extract<Step, { legs: unknown }>, placed: Placed): PostRequest {
  const fingerprint = { legs: JSON.stringify(legs, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)) };
  return { scope: 'model', key: String(key), legs: legs.map((leg) => legOf(leg, placed)), actor: 'model', traceparent: null, fingerprint };
}

function legOf(leg: ModelLeg, { holds, moves, tick }: Placed): Leg {
  if ('hold' in leg) {
    const holdId = holds[leg.hold] ?? 'none';
    if (leg.kind !== 'POST') return { kind: leg.kind, holdId };
    return { kind: 'POST', holdId, ...(leg.minor === null ? {} : { amountMinor: leg.minor }) };
  }
  const movement = { debit: leg.from, credit: leg.to, amount: { currency: 'USD', minor: leg.minor }, code: 'TRANSFER' };
  if (leg.kind === 'HOLD') return { ...movement, kind: 'HOLD', expiresAt: new Date(NOW_MS + (tick + leg.lasts) * TICK_MS) };
  const reverses = leg.reverses === undefined ? undefined : (moves[leg.reverses] ?? `none-${leg.reverses}`);
  return { ...movement, kind: 'MOVE', ...(reverses === undefined ? {} : { reverses }) };
}

it('MAX_MINOR is the largest number of the columns', () => {
  expect(MAX_MINOR).toBe(9_223_372_036_854_775_807n);
});
