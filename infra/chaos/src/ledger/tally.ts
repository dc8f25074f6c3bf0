import { FAULTS, type Fault } from './generate.ts';
import type { Asked } from './play.ts';

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
  add(fault: Fault, met: number, history: readonly Asked[]): void;
  /** Lines of a table, and what never happened. */
  table(): string[];
  missing(): string[];
}

/** Counts what really happened in a run. */
export function createTally(): Tally {
  const rounds = new Map<Fault, number>();
  const met = new Map<Fault, number>();
  let [requests, copies, rivals, refused] = [0, 0, 0, 0];
  return {
    add: (fault, count, history) => {
      rounds.set(fault, (rounds.get(fault) ?? 0) + 1);
      met.set(fault, (met.get(fault) ?? 0) + count);
      requests += history.length;
      copies += history.filter(({ send }) => send.to.length > 1).length;
      rivals += history.filter(({ send }) => send.rival !== null).length;
      refused += history.filter(({ answers: [answer] }) => answer?.kind === 'REFUSED').length;
    },
    table: () => [
      ...FAULTS.map((fault) => `${fault.padEnd(20)} ${column(rounds.get(fault))} rounds ${column(met.get(fault))} ${MET[fault]}`),
      `${'DUPLICATES'.padEnd(20)} ${column(copies)} of ${requests} requests sent twice at once (${Math.round((100 * copies) / Math.max(1, requests))} %)`,
      `${'RIVALS'.padEnd(20)} ${column(rivals)} keys raced for with two bodies; ${refused} requests were refused`,
    ],
    missing: () => FAULTS.filter((fault) => (met.get(fault) ?? 0) === 0).map((fault) => `${fault} never met anything: no ${MET[fault]}`),
  };
}

function column(count = 0): string {
  return String(count).padStart(6);
}
