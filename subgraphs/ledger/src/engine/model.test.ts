import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AccountState, availableOf, balanceOf } from './account.ts';
import { ACCOUNT_RULES, type AccountKind } from './address.ts';
import { type Books, type Decision, evaluate } from './evaluate.ts';
import { type LimitState, usedToday } from './limit.ts';
import type { Leg, PostRequest } from './request.ts';

/**
 * The ledger in forty lines: plain numbers by account, no counters, no sequences, no sides of an account. It says what must come out; how is the
 * engine's business. Both wallets are one user's, who may move so much at a time and so much in a day.
 */
class Reference {
  readonly balance: Record<string, bigint> = { a: 0n, b: 0n, escrow: 0n, fees: 0n, bank: 0n };
  readonly holds: { from: string; to: string; minor: bigint; state: string }[] = [];
  readonly reversed = new Set<string>();
  used = 0n;
  static readonly floored = ['a', 'b', 'escrow'];
  static readonly sign = (id: string) => (id === 'bank' ? -1n : 1n); // the bank grows by debits

  held = (id: string) =>
    this.holds
      .filter(({ state, from, to }) => state === 'open' && (id === 'bank' ? to : from) === id)
      .reduce((sum, { minor }) => sum + minor, 0n);
  free = (id: string) => (this.balance[id] ?? 0n) - this.held(id);
  private isBroke = (id: string) => Reference.floored.includes(id) && this.free(id) < 0n;

  /** All or nothing: the reason of the first leg that fails, or null. */
  ask(legs: readonly ModelLeg[]): string | null {
    const before = structuredClone({ balance: this.balance, holds: this.holds, used: this.used });
    for (const leg of legs) {
      const reason = this.leg(leg, before.holds.length);
      if (!reason) continue;
      Object.assign(this.balance, before.balance);
      this.used = before.used;
      this.holds.splice(0, this.holds.length, ...before.holds);
      return reason;
    }
    return null;
  }

  private leg(leg: ModelLeg, known: number): string | null {
    if ('hold' in leg) {
      const hold = leg.hold < known ? this.holds[leg.hold] : undefined; // nobody can name what the same request places
      if (!hold) return 'HOLD_NOT_FOUND';
      if (hold.state !== 'open') return hold.state;
      if (leg.kind === 'VOID') hold.state = 'HOLD_VOIDED';
      else {
        if (leg.minor !== null && (leg.minor <= 0n || leg.minor > hold.minor)) return 'AMOUNT_INVALID';
        hold.state = 'HOLD_POSTED';
        this.move(hold.from, hold.to, leg.minor ?? hold.minor);
      }
      return null;
    }
    if (leg.minor !== 'AVAILABLE' && leg.minor <= 0n) return 'AMOUNT_INVALID';
    if (leg.from === leg.to) return 'SAME_ACCOUNT';
    const minor = leg.minor === 'AVAILABLE' ? this.free(leg.from) : leg.minor;
    if (minor <= 0n) return 'INSUFFICIENT_FUNDS';
    if (leg.kind === 'HOLD') this.holds.push({ from: leg.from, to: leg.to, minor, state: 'open' });
    else {
      if (KINDS[leg.from] === 'WALLET' && (minor > PER_TRANSFER || this.used + minor > PER_DAY)) return 'LIMIT_EXCEEDED';
      if (KINDS[leg.from] === 'WALLET') this.used += minor;
      this.move(leg.from, leg.to, minor);
    }
    return this.isBroke(leg.from) ? 'INSUFFICIENT_FUNDS' : null;
  }

  private move(from: string, to: string, minor: bigint): void {
    this.balance[from] = (this.balance[from] ?? 0n) - Reference.sign(from) * minor;
    this.balance[to] = (this.balance[to] ?? 0n) + Reference.sign(to) * minor;
  }
}

type ModelLeg =
  | { kind: 'MOVE' | 'HOLD'; from: string; to: string; minor: bigint | 'AVAILABLE' }
  | { kind: 'POST' | 'VOID'; hold: number; minor: bigint | null };

const KINDS: Readonly<Record<string, AccountKind>> = { a: 'WALLET', b: 'WALLET', escrow: 'ESCROW', fees: 'FEES', bank: 'BANK' };
const NOW = new Date('2026-11-21T09:00:00.000Z');
const LATER = new Date('2036-11-21T10:00:00.000Z');
const DAY_MS = 86_400_000;
const [PER_TRANSFER, PER_DAY] = [70n, 150n];
/** Programs to try; more by `LEDGER_PROGRAMS`. */
const PROGRAMS = Number(process.env.LEDGER_PROGRAMS ?? 2_000);

const anId = fc.constantFrom(...Object.keys(KINDS));
const aLeg: fc.Arbitrary<ModelLeg> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('MOVE' as const),
      from: anId,
      to: anId,
      minor: fc.oneof(fc.bigInt(-1n, 80n), fc.constant('AVAILABLE' as const)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('HOLD' as const), from: anId, to: anId, minor: fc.bigInt(-1n, 80n) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('POST' as const, 'VOID' as const),
      hold: fc.nat(6),
      minor: fc.oneof(fc.constant(null), fc.bigInt(-1n, 60n)),
    }),
  },
);
const someLegs = fc.array(aLeg, { minLength: 1, maxLength: 3 });
const aStep = fc.oneof({ weight: 12, arbitrary: someLegs }, { weight: 1, arbitrary: fc.constant('A_DAY_LATER' as const) });
const aProgram = fc.array(aStep, { minLength: 1, maxLength: 30 });

describe('the engine against a reference model', () => {
  it(`MUST answer as the model does after every step of ${PROGRAMS} programs`, () => {
    fc.assert(
      fc.property(aProgram, (program) => {
        const reference = new Reference();
        const engine = anEngine();
        for (const legs of [[{ kind: 'MOVE' as const, from: 'bank', to: 'a', minor: 100n }], ...program]) {
          if (legs === 'A_DAY_LATER') {
            reference.used = 0n;
            engine.sleep();
            continue;
          }
          const expected = reference.ask(legs);
          const decision = engine.ask(legs);
          expect(decision.kind === 'REFUSED' ? decision.refusal.reason : null).toBe(expected);
          for (const id of Object.keys(KINDS))
            expect([id, ...engine.standing(id)]).toEqual([id, reference.balance[id], reference.free(id)]);
          expect(engine.used()).toBe(reference.used);
        }
      }),
      { numRuns: PROGRAMS },
    );
  });
});

function anEngine() {
  const accounts = new Map<string, AccountState>();
  for (const [id, kind] of Object.entries(KINDS)) {
    const { normalSide, floorMinor } = ACCOUNT_RULES[kind];
    const counters = { debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n, sequence: 0n };
    accounts.set(id, {
      id,
      kind,
      address: null,
      ownerId: kind === 'WALLET' ? 'user' : null,
      currency: 'USD',
      normalSide,
      floorMinor,
      isClosed: false,
      isLimited: kind === 'WALLET',
      ...counters,
    });
  }
  let count = 0;
  const placed: string[] = [];
  let now = NOW;
  const unused = { perTransferMinor: PER_TRANSFER, perDayMinor: PER_DAY, usedMinor: 0n, usedOn: '1970-01-01' };
  const limits = new Map<string, LimitState>([['user USD', { ownerId: 'user', currency: 'USD', ...unused }]]);
  const books: Books = {
    ...{ accounts, ids: new Map(), holds: new Map(), limits, reversed: new Set(), newId: (kind) => `${kind}-${++count}` },
    get now() {
      return now;
    },
  };
  return {
    ask(legs: readonly ModelLeg[]): Decision {
      const request: PostRequest = {
        scope: 'model',
        key: 'key',
        legs: legs.map((leg) => legOf(leg, placed)),
        actor: 'model',
        traceparent: null,
      };
      const sequences = [...accounts.values()].map(({ sequence }) => sequence);
      const decision = evaluate(request, books);
      if (decision.kind === 'POSTED') placed.push(...decision.transfers.filter(({ state }) => state === 'PENDING').map(({ id }) => id));
      else expect([...accounts.values()].map(({ sequence }) => sequence)).toEqual(sequences);
      return decision;
    },
    sleep(): void {
      now = new Date(now.getTime() + DAY_MS);
    },
    used(): bigint {
      return usedToday(limits.get('user USD') ?? unused, now);
    },
    standing(id: string): [bigint, bigint] {
      const account = accounts.get(id) as AccountState; // made above
      return [balanceOf(account), availableOf(account)];
    },
  };
}

function legOf(leg: ModelLeg, placed: readonly string[]): Leg {
  if ('hold' in leg) {
    const holdId = placed[leg.hold] ?? 'none';
    if (leg.kind === 'VOID') return { kind: 'VOID', holdId };
    return { kind: 'POST', holdId, ...(leg.minor === null ? {} : { amountMinor: leg.minor }) };
  }
  const movement = { debit: leg.from, credit: leg.to, amount: { currency: 'USD', minor: leg.minor }, code: 'TRANSFER' };
  return leg.kind === 'MOVE' ? { ...movement, kind: 'MOVE' } : { ...movement, kind: 'HOLD', expiresAt: LATER };
}
