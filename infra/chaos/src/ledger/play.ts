import { setTimeout as sleep } from 'node:timers/promises';
import type { PostRequest } from '@tessera/ledger';
import type { RoundPlan, Send } from './generate.ts';
import { isAboutHolds } from './holds.ts';
import type { Answer } from './messages.ts';
import { JUDGE, type World } from './world.ts';

/** What a key was asked and every definite answer that came back. */
export interface Asked {
  readonly send: Send;
  readonly answers: Answer[];
  /** What the rival under the same key was told. */
  readonly toRival: Answer[];
  /** How often it was sent in vain: to a process that died, or that could not say what came of it. */
  unanswered: number;
}

const RETRY_MS = 20;
/** A client that never hears a definite answer is a fault of its own. */
const PATIENCE_MS = 45_000;

/** Sends everything while the fault strikes; a client whose answer was lost sends the same key again, to whoever is there. */
export async function playRound({ sends, fault, strikesAfter }: RoundPlan, world: World): Promise<Played> {
  const history = sends.map((send): Asked => ({ send, answers: [], toRival: [], unanswered: 0 }));
  const striking: Promise<Met>[] = [];
  const droppedBefore = world.proxy.dropped();
  const clients: Promise<void>[] = [];
  for (const [at, asked] of history.entries()) {
    if (strikesAfter.includes(at)) striking.push(strike(fault, at, world));
    for (const to of asked.send.to) clients.push(insist(asked, to, world));
    if (asked.send.rival) clients.push(insistAsRival(asked, asked.send.rival, (at + 1) % world.processes, world));
    if (at % 10 === 0 || asked.send.rival) await sleep(1);
  }
  const struck = await Promise.all(striking);
  await Promise.all(clients);
  world.proxy.dropNoMore();
  const dropped = world.proxy.dropped() - droppedBefore;
  const sum = (of: (met: Met) => number): number => struck.reduce((total, met) => total + of(met), 0);
  return { history, met: dropped + sum(({ count }) => count), metHolds: sum(({ holds }) => holds) };
}

interface Met {
  readonly count: number;
  /** How many of them were about holds. */
  readonly holds: number;
}

export interface Played {
  readonly history: Asked[];
  /** How much the fault met (`tally.ts`). */
  readonly met: number;
  readonly metHolds: number;
}

async function insist(asked: Asked, first: number, world: World): Promise<void> {
  asked.answers.push(await definiteAnswer(asked.send.request, first, world, () => (asked.unanswered += 1)));
}

async function insistAsRival(asked: Asked, rival: Send['request'], first: number, world: World): Promise<void> {
  asked.toRival.push(await definiteAnswer(rival, first, world, () => (asked.unanswered += 1)));
}

/** Sends until there is an answer that will not change. */
export async function definiteAnswer(
  request: Send['request'],
  first: number,
  world: World,
  onNone: () => void = () => undefined,
): Promise<Answer> {
  const giveUpAtMs = performance.now() + PATIENCE_MS;
  for (let to = first; ; to = (to + 1) % world.processes) {
    const answer = await world.send(to, request);
    if (answer && answer.kind !== 'RETRY') return answer;
    onNone();
    if (performance.now() > giveUpAtMs) return { id: -1, kind: 'FAILED', message: 'no definite answer in time' };
    await sleep(RETRY_MS);
  }
}

/** Answers what it met; answers to commits are counted by the proxy. */
async function strike(fault: RoundPlan['fault'], at: number, world: World): Promise<Met> {
  switch (fault) {
    case 'NONE':
      return metBy(world.unanswered());
    case 'KILL_PROCESS': {
      const which = at % world.processes;
      const unanswered = world.unanswered(which);
      world.killProcess(which);
      return metBy(unanswered);
    }
    case 'TERMINATE_BACKENDS':
      return { count: (await world.query<{ was_busy: boolean }>(TERMINATE)).filter(({ was_busy }) => was_busy).length, holds: 0 };
    case 'DROP_COMMIT':
      for (let times = 0; times < 3; times += 1) world.proxy.dropNextCommit();
      return metBy([]);
    case 'DROP_COMMIT_ANSWER':
      for (let times = 0; times < 3; times += 1) world.proxy.dropNextCommitAnswer();
      return metBy([]);
    case 'RESET_CONNECTIONS': {
      const unanswered = world.unanswered();
      world.proxy.resetAll();
      return metBy(unanswered);
    }
    case 'STOP_POSTGRES': {
      const unanswered = world.unanswered();
      await world.stopPostgres();
      return metBy(unanswered);
    }
  }
}

function metBy(unanswered: readonly PostRequest[]): Met {
  return { count: unanswered.length, holds: unanswered.filter(isAboutHolds).length };
}

/** Of the lanes, and of everything that has a transaction of its own. */
const TERMINATE = `
  select was_busy, pg_terminate_backend(pid) from (
    select pid, xact_start is not null as was_busy from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and application_name <> '${JUDGE}') backends`;
