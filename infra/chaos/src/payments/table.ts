import type { ThreeBooks } from './books.ts';
import type { Facts } from './facts.ts';
import type { Played } from './history.ts';
import { KINDS } from './plan.ts';
import type { RunReport } from './run.ts';

const MAX_VIOLATIONS = 40;

/** What a person reads: how the checkouts ended, what was done to them, the three books, and what is wrong. */
export function tableOf(report: RunReport, durationMs: number): string {
  const { seed, books, injected, lostAnswers, kills, violations, verifyChecks, isOk, played, facts } = report;
  const faults = Object.entries({ ...injected, 'lost answers to clients': lostAnswers, 'kills of payments': kills });
  const shown = violations.slice(0, MAX_VIOLATIONS);
  return [
    grid([
      HEAD,
      ...KINDS.map((kind) =>
        row(
          kind,
          played.filter(({ plan }) => plan.kind === kind),
          facts,
        ),
      ),
      row('all', played, facts),
    ]),
    '',
    `Injected: ${
      faults
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ') || 'nothing'
    }`,
    '',
    grid([['books', 'charged', 'refunded', 'fees', 'net'], ...books.flatMap(bookRows)]),
    '',
    `verify: ${verifyChecks} checks, ${violations.filter((text) => text.startsWith('verify ')).length} violations`,
    ...(violations.length > 0 ? ['', `${violations.length} violations:`, ...shown.map((text) => `  ${text}`)] : []),
    ...(violations.length > shown.length ? [`  and ${violations.length - shown.length} more`] : []),
    '',
    `${isOk ? 'All agree' : 'They do not agree'}: ${played.length} checkouts, seed ${seed}, ${(durationMs / 1_000).toFixed(1)} s`,
  ].join('\n');
}

const HEAD = ['checkouts', 'number', 'confirmed', 'cancelled', 'expired', 'charged', 'given back', 'wrong'];

function row(name: string, played: readonly Played[], { orders, payments, charges }: Facts): string[] {
  const count = (fits: (one: Played) => boolean) => String(played.filter(fits).length);
  const state = (one: Played) => orders.get(one.orderId ?? '')?.state;
  return [
    name,
    String(played.length),
    count((one) => state(one) === 'CONFIRMED'),
    count((one) => state(one) === 'CANCELLED'),
    count((one) => state(one) === 'EXPIRED'),
    count((one) => charges.has(payments.get(one.orderId ?? '')?.id ?? '')),
    count((one) => (orders.get(one.orderId ?? '')?.refunded ?? 0n) > 0n),
    count((one) => one.failure !== null),
  ];
}

function bookRows({ currency, provider, payments, ledger, isEqual }: ThreeBooks): string[][] {
  const line = (name: string, { charged, refunded, fees, net }: ThreeBooks['provider'], mark: string) => [
    `${currency} ${name}`,
    ...[charged, refunded, fees, net].map(money),
    mark,
  ];
  const mark = isEqual ? 'equal' : 'DIFFERENT';
  return [line('provider', provider, ''), line('payments', payments, ''), line('ledger', ledger, mark)];
}

function money(minor: bigint): string {
  const digits = String(minor < 0n ? -minor : minor).padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function grid(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((known, cells) => cells.map((cell, at) => Math.max(cell.length, known[at] ?? 0)), []);
  return rows
    .map((cells) =>
      cells
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
