import fc from 'fast-check';

export const ACCOUNTS: readonly string[] = ['a', 'b', 'c', 'escrow', 'fees', 'bank'];
/** `c` may be overdrawn; what is not named has no floor. */
export const FLOORS: Readonly<Record<string, bigint>> = { a: 0n, b: 0n, c: -50n, escrow: 0n };
const MAX = 2n ** 63n - 1n;
/** The owner of `a` and `b` may move so much at a time, and so much in a day. */
export const LIMITED: readonly string[] = ['a', 'b'];
export const LIMITS = { perTransferMinor: 70n, perDayMinor: 150n };
/** The programs begin at 9:00, and a tick is a minute. */
const DAY = 1_440;
const START = 540;

export type ModelLeg =
  | { kind: 'MOVE'; from: string; to: string; minor: bigint | 'AVAILABLE'; reverses?: number }
  | { kind: 'HOLD'; from: string; to: string; minor: bigint; lasts: number }
  | { kind: 'POST' | 'VOID' | 'EXPIRE'; hold: number; minor: bigint | null };
export type Step = { key: number; legs: readonly ModelLeg[] } | { wait: number } | { close: string };

/**
 * The ledger in a few lines: plain numbers by account, no sequences, no sides of an account. It says what must come out; how is the engine's
 * business.
 */
export class Reference {
  balance: Record<string, bigint> = Object.fromEntries(ACCOUNTS.map((id) => [id, 0n]));
  /** Everything that was ever debited or credited, and what is held: it has to fit 64 bits. */
  private gross: Record<string, bigint> = {};
  private holds: { from: string; to: string; minor: bigint; until: number; state: string }[] = [];
  private moves: number[] = [];
  private reversed = new Set<string>();
  private readonly closed = new Set<string>();
  private readonly answers = new Map<number, { legs: string; answer: string }>();
  private tick = 0;
  private spent = { day: 0, minor: 0n };

  private sign = (id: string) => (id === 'bank' ? -1n : 1n); // the bank grows by debits
  private held = (id: string) =>
    this.holds.reduce((sum, { state, from, to, minor }) => sum + (state === 'open' && (id === 'bank' ? to : from) === id ? minor : 0n), 0n);
  free = (id: string) => (this.balance[id] ?? 0n) - this.held(id);

  /** `POSTED`, or the reason of the first leg that fails: then nothing has changed. */
  ask(step: Step): string {
    if ('wait' in step) return this.wait(step.wait);
    if ('close' in step) return this.close(step.close);
    const legs = JSON.stringify(step.legs, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    const earlier = this.answers.get(step.key);
    if (earlier) return earlier.legs === legs ? earlier.answer : 'KEY_REUSED';
    const before = structuredClone(this.changing());
    const known = this.holds.length;
    const named = this.moves.length;
    const reason = step.legs.map((leg) => () => this.leg(leg, known, named)).reduce<string | null>((failed, leg) => failed ?? leg(), null);
    if (reason) Object.assign(this, before);
    this.answers.set(step.key, { legs, answer: reason ?? 'POSTED' });
    return reason ?? 'POSTED';
  }

  private changing = () => ({
    ...{ balance: this.balance, gross: this.gross, holds: this.holds, moves: this.moves, reversed: this.reversed, spent: this.spent },
  });

  private wait(ticks: number): string {
    this.tick += ticks;
    return 'WAITED';
  }

  private close(id: string): string {
    if (this.balance[id] !== 0n || this.holds.some(({ state, from, to }) => state === 'open' && (from === id || to === id)))
      return 'NOT_EMPTY';
    this.closed.add(id);
    return 'CLOSED';
  }

  /** Nobody can name what the same request places: `known` holds and `named` moves were there before it. */
  private leg(leg: ModelLeg, known: number, named: number): string | null {
    if ('hold' in leg) return this.resolve(leg, leg.hold < known ? this.holds[leg.hold] : undefined);
    const { kind, from, to } = leg;
    if (leg.minor !== 'AVAILABLE' && (leg.minor <= 0n || leg.minor > MAX)) return 'AMOUNT_INVALID';
    if (from === to) return 'SAME_ACCOUNT';
    if (this.closed.has(from) || this.closed.has(to)) return 'ACCOUNT_CLOSED';
    const minor = leg.minor === 'AVAILABLE' ? this.free(from) : leg.minor;
    if (minor <= 0n) return 'INSUFFICIENT_FUNDS';
    if (kind === 'HOLD' && leg.lasts <= 0) return 'DEADLINE_PASSED';
    const reverses =
      kind === 'MOVE' && leg.reverses !== undefined ? (leg.reverses < named ? `${leg.reverses}` : `none-${leg.reverses}`) : null;
    if (reverses && this.reversed.has(reverses)) return 'ALREADY_REVERSED';
    if (kind === 'MOVE' && LIMITED.includes(from)) {
      if (minor > LIMITS.perTransferMinor || this.used() + minor > LIMITS.perDayMinor) return 'LIMIT_EXCEEDED';
      this.spent = { day: this.day(), minor: this.used() + minor };
    }
    const gross = this.fill(`${from} debit`, minor);
    if (kind === 'HOLD') this.holds.push({ from, to, minor, until: this.tick + leg.lasts, state: 'open' });
    else this.move(from, to, minor);
    if (this.sign(from) === 1n && this.free(from) < (FLOORS[from] ?? -MAX * 4n)) return 'INSUFFICIENT_FUNDS';
    if (gross > MAX) return 'BALANCE_LIMIT';
    if (this.fill(`${to} credit`, minor) > MAX) return 'BALANCE_LIMIT';
    if (kind === 'MOVE') this.moves.push(this.moves.length);
    if (reverses) this.reversed.add(reverses);
    return null;
  }

  private resolve({ kind, minor }: Extract<ModelLeg, { hold: number }>, hold: Reference['holds'][number] | undefined): string | null {
    if (!hold) return 'HOLD_NOT_FOUND';
    if (hold.state !== 'open') return hold.state;
    const isDue = hold.until <= this.tick;
    if (kind === 'POST' && isDue) return 'HOLD_EXPIRED';
    if (kind === 'EXPIRE' && !isDue) return 'HOLD_NOT_DUE';
    const moved = kind === 'POST' ? (minor ?? hold.minor) : 0n;
    if (kind === 'POST' && (moved <= 0n || moved > hold.minor)) return 'AMOUNT_INVALID';
    hold.state = { POST: 'HOLD_POSTED', VOID: 'HOLD_VOIDED', EXPIRE: 'HOLD_EXPIRED' }[kind];
    this.fill(`${hold.from} debit`, moved - hold.minor);
    this.fill(`${hold.to} credit`, moved - hold.minor);
    this.move(hold.from, hold.to, moved);
    return null;
  }

  private day = () => Math.floor((START + this.tick) / DAY);
  /** Today. */
  used = (): bigint => (this.spent.day === this.day() ? this.spent.minor : 0n);

  private fill(side: string, minor: bigint): bigint {
    this.gross[side] = (this.gross[side] ?? 0n) + minor;
    return this.gross[side];
  }

  private move(from: string, to: string, minor: bigint): void {
    this.balance[from] = (this.balance[from] ?? 0n) - this.sign(from) * minor;
    this.balance[to] = (this.balance[to] ?? 0n) + this.sign(to) * minor;
  }
}

const anId = fc.constantFrom(...ACCOUNTS);
const between = { from: anId, to: anId };
const huge = fc.constantFrom(MAX, MAX - 100n, 2n ** 62n, MAX + 1n);
const aMinor = fc.oneof({ weight: 20, arbitrary: fc.bigInt(-1n, 60n) }, { weight: 1, arbitrary: huge });
const unbounded = fc.constantFrom('fees', 'bank');
const aLeg: fc.Arbitrary<ModelLeg> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('MOVE' as const), from: unbounded, to: anId, minor: huge }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('MOVE' as const), ...between, minor: aMinor }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('MOVE' as const), ...between, minor: fc.constant('AVAILABLE' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('MOVE' as const), ...between, minor: fc.bigInt(1n, 40n), reverses: fc.nat(2) }) },
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('HOLD' as const), ...between, minor: aMinor, lasts: fc.integer({ min: 0, max: 3 }) }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constantFrom('POST' as const, 'POST' as const, 'VOID' as const, 'EXPIRE' as const),
      hold: fc.nat(3),
      minor: fc.oneof(fc.constant(null), fc.bigInt(-1n, 30n)),
    }),
  },
);
const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      key: fc.nat(60),
      legs: fc.oneof({ weight: 3, arbitrary: fc.tuple(aLeg) }, { weight: 1, arbitrary: fc.array(aLeg, { minLength: 2, maxLength: 3 }) }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ wait: fc.constantFrom(1, 2, 1, 2, DAY) }) },
  { weight: 1, arbitrary: fc.record({ close: fc.constantFrom('a', 'b', 'c') }) },
);

/** Now and then a client asks again what it asked before. */
export const aProgram: fc.Arbitrary<Step[]> = fc
  .array(fc.record({ step: aStep, again: fc.option(fc.nat(30), { freq: 8 }) }), { minLength: 1, maxLength: 40, size: 'max' })
  .map((steps) => steps.map(({ step, again }) => (again === null ? step : (steps[again]?.step ?? step))));
