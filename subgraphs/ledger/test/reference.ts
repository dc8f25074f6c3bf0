export const ACCOUNTS: readonly string[] = ['a', 'b', 'c', 'escrow', 'fees', 'bank'];
/** `c` may be overdrawn; what is not named has no floor. */
export const FLOORS: Readonly<Record<string, bigint>> = { a: 0n, b: 0n, c: -50n, escrow: 0n };
export const MAX = 2n ** 63n - 1n;
/** The owner of `a` and `b` may move so much to others at a time, and so much in a day. */
export const LIMITED: readonly string[] = ['a', 'b'];
export const LIMITS = { perTransferMinor: 70n, perDayMinor: 150n };
/** The programs begin at 9:00, and a tick is a minute. */
export const DAY = 1_440;
const START = 540;

export type ModelLeg =
  | { kind: 'MOVE'; from: string; to: string; minor: bigint | 'AVAILABLE'; reverses?: number }
  | { kind: 'HOLD'; from: string; to: string; minor: bigint; lasts: number }
  | { kind: 'POST' | 'VOID' | 'EXPIRE'; hold: number; minor: bigint | null };
export type Step = { key: number; legs: readonly ModelLeg[] } | { wait: number } | { close: string };

/** A move, or a hold with what became of it. */
interface Entry {
  readonly kind: 'MOVE' | 'HOLD';
  readonly from: string;
  readonly to: string;
  readonly moved: bigint;
  readonly held: bigint;
  readonly day: number;
  readonly until: number;
  readonly reverses?: string | undefined;
  readonly resolved?: string;
}

/** What it comes to: sums, and nothing else. */
function sumsOf(entries: readonly Entry[]) {
  const sum = (of: (entry: Entry) => bigint | false) => entries.reduce((all, entry) => all + (of(entry) || 0n), 0n);
  const debits = (id: string) => sum(({ from, moved }) => from === id && moved);
  const credits = (id: string) => sum(({ to, moved }) => to === id && moved);
  const goingOut = (id: string) => sum(({ from, held }) => from === id && held);
  const comingIn = (id: string) => sum(({ to, held }) => to === id && held);
  const balance = (id: string) => (id === 'bank' ? debits(id) - credits(id) : credits(id) - debits(id)); // the bank grows by debits
  const free = (id: string) => balance(id) - (id === 'bank' ? comingIn(id) : goingOut(id));
  const isEmpty = (id: string) => balance(id) === 0n && goingOut(id) + comingIn(id) === 0n;
  const isTooMuch = (from: string, to: string) => debits(from) + goingOut(from) > MAX || credits(to) + comingIn(to) > MAX;
  const usedOn = (today: number) =>
    sum(({ kind, from, to, moved, day }) => kind === 'MOVE' && isToOthers(from, to) && day === today && moved);
  return { balance, free, isEmpty, isTooMuch, usedOn };
}

function isToOthers(from: string, to: string): boolean {
  return LIMITED.includes(from) && !LIMITED.includes(to);
}

/**
 * The ledger in a few lines: a list of what happened, over which everything else is a sum. No counters, no sequences, no drafts. It says what must
 * come out; how is the engine's business.
 */
export function createReference() {
  let entries: readonly Entry[] = [];
  let tick = 0;
  const closed = new Set<string>();
  const answers = new Map<number, { legs: string; answer: string }>();
  const now = () => sumsOf(entries);
  const today = () => Math.floor((START + tick) / DAY);

  /** `POSTED`, or the reason of the first leg that fails: then nothing has changed. */
  function ask(step: Step): string {
    if ('close' in step) return close(step.close);
    if ('wait' in step) {
      tick += step.wait;
      return 'WAITED';
    }
    const legs = JSON.stringify(step.legs, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    const earlier = answers.get(step.key);
    if (earlier) return earlier.legs === legs ? earlier.answer : 'KEY_REUSED';
    const before = entries;
    let refusal: string | null = null;
    for (const leg of step.legs) refusal ??= 'hold' in leg ? resolve(leg, before) : move(leg, before);
    if (refusal) entries = before;
    answers.set(step.key, { legs, answer: refusal ?? 'POSTED' });
    return refusal ?? 'POSTED';
  }

  function close(id: string): string {
    if (!now().isEmpty(id)) return 'NOT_EMPTY';
    closed.add(id);
    return 'CLOSED';
  }

  /** Nobody can name what the same request places: what has a number was there `before` it. */
  function move(leg: Extract<ModelLeg, { from: string }>, before: readonly Entry[]): string | null {
    const { kind, from, to } = leg;
    const minor = leg.minor === 'AVAILABLE' ? now().free(from) : leg.minor;
    const number = kind === 'MOVE' ? leg.reverses : undefined;
    const reverses = number === undefined ? undefined : `${number} ${before.filter((each) => each.kind === 'MOVE').length > number}`;
    if (leg.minor !== 'AVAILABLE' && (minor <= 0n || minor > MAX)) return 'AMOUNT_INVALID';
    if (from === to) return 'SAME_ACCOUNT';
    if (closed.has(from) || closed.has(to)) return 'ACCOUNT_CLOSED';
    if (minor <= 0n) return 'INSUFFICIENT_FUNDS';
    if (kind === 'HOLD' && leg.lasts <= 0) return 'DEADLINE_PASSED';
    if (reverses && entries.some((each) => each.reverses === reverses)) return 'ALREADY_REVERSED';
    const isLimited = kind === 'MOVE' && isToOthers(from, to);
    if (isLimited && (minor > LIMITS.perTransferMinor || now().usedOn(today()) + minor > LIMITS.perDayMinor)) return 'LIMIT_EXCEEDED';
    const [moved, held, until] = kind === 'MOVE' ? [minor, 0n, 0] : [0n, minor, tick + leg.lasts];
    entries = [...entries, { kind, from, to, moved, held, day: today(), until, reverses }];
    const floor = FLOORS[from];
    if (floor !== undefined && now().free(from) < floor) return 'INSUFFICIENT_FUNDS';
    return now().isTooMuch(from, to) ? 'BALANCE_LIMIT' : null;
  }

  function resolve({ kind, hold, minor }: Extract<ModelLeg, { hold: number }>, before: readonly Entry[]): string | null {
    const at = before.flatMap((each, index) => (each.kind === 'HOLD' ? [index] : []))[hold] ?? -1;
    const entry = entries[at];
    if (!entry) return 'HOLD_NOT_FOUND';
    if (entry.resolved) return entry.resolved;
    if (kind === 'POST' && entry.until <= tick) return 'HOLD_EXPIRED';
    if (kind === 'EXPIRE' && entry.until > tick) return 'HOLD_NOT_DUE';
    const moved = kind === 'POST' ? (minor ?? entry.held) : 0n;
    if (kind === 'POST' && (moved <= 0n || moved > entry.held)) return 'AMOUNT_INVALID';
    const resolved = { POST: 'HOLD_POSTED', VOID: 'HOLD_VOIDED', EXPIRE: 'HOLD_EXPIRED' }[kind];
    entries = entries.with(at, { ...entry, moved, held: 0n, resolved });
    return null;
  }

  return { ask, sums: now, usedToday: () => now().usedOn(today()) };
}
