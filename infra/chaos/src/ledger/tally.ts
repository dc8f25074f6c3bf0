import { FAULTS, type Fault } from './generate.ts';
import type { HoldCounts } from './holds.ts';
import type { Played } from './play.ts';

/** What a fault has to meet so that it counts: a fault that strikes while nothing happens proves nothing. */
const MET: Readonly<Record<Fault, string>> = {
  NONE: 'requests that nothing disturbed',
  KILL_PROCESS: 'requests that the killed process had taken and not answered',
  TERMINATE_BACKENDS: 'backends ended within a transaction',
  DROP_COMMIT: 'commits that were sent and never arrived',
  DROP_COMMIT_ANSWER: 'commits that were carried out and whose answer was lost',
  RESET_CONNECTIONS: 'requests under way when all connections were cut',
  STOP_POSTGRES: 'requests under way when PostgreSQL was stopped at once',
};

export interface Tally {
  add(fault: Fault, played: Played, holds: HoldCounts): void;
  /** Lines of a table, and what never happened. */
  table(): string[];
  missing(): string[];
}

/** Counts what really happened in a run. */
export function createTally(): Tally {
  const rounds = new Map<Fault, number>();
  const met = new Map<Fault, number>();
  const holds = { placed: 0, posted: 0, inPart: 0, voided: 0, expired: 0, killed: 0 };
  let [requests, copies, rivals, refused] = [0, 0, 0, 0];
  return {
    add: (fault, { history, met: count, metHolds }, happened) => {
      rounds.set(fault, (rounds.get(fault) ?? 0) + 1);
      met.set(fault, (met.get(fault) ?? 0) + count);
      for (const [what, times] of Object.entries(happened) as [keyof HoldCounts, number][]) holds[what] += times;
      if (fault === 'KILL_PROCESS') holds.killed += metHolds;
      requests += history.length;
      copies += history.filter(({ send }) => send.to.length > 1).length;
      rivals += history.filter(({ send }) => send.rival !== null).length;
      refused += history.filter(({ answers: [answer] }) => answer?.kind === 'REFUSED').length;
    },
    table: () => [
      ...FAULTS.map((fault) => `${fault.padEnd(20)} ${column(rounds.get(fault))} rounds ${column(met.get(fault))} ${MET[fault]}`),
      `${'DUPLICATES'.padEnd(20)} ${column(copies)} of ${requests} requests sent twice at once (${Math.round((100 * copies) / Math.max(1, requests))} %)`,
      `${'RIVALS'.padEnd(20)} ${column(rivals)} keys raced for with two bodies; ${refused} requests were refused`,
      `${'HOLDS'.padEnd(20)} ${column(holds.placed)} placed; ${holds.posted} posted, ${holds.inPart} of them in part, ${holds.voided} voided, ${holds.expired} expired; ${holds.killed} requests about them were in killed processes`,
    ],
    missing: () => [
      ...FAULTS.filter((fault) => (met.get(fault) ?? 0) === 0).map((fault) => `${fault} never met anything: no ${MET[fault]}`),
      ...Object.entries(holds).flatMap(([what, times]) => (times === 0 ? [`HOLDS: none ${what}`] : [])),
    ],
  };
}

function column(count = 0): string {
  return String(count).padStart(6);
}
