import { setTimeout as sleep } from 'node:timers/promises';
import type { RoundPlan, Send } from './generate.ts';
import type { Answer } from './worker.ts';
import type { World } from './world.ts';

/** What a key was asked and every definite answer that came back. */
export interface Asked {
  readonly send: Send;
  readonly answers: Answer[];
  /** What the rival under the same key was told. */
  readonly toRival: Answer[];
}

const RETRY_MS = 20;
/** A client that never hears a definite answer is a fault of its own. */
const PATIENCE_MS = 45_000;

/** Sends everything while the fault strikes; a client whose answer was lost sends the same key again, to whoever is there. */
export async function playRound({ sends, fault, strikesAfter }: RoundPlan, world: World): Promise<Asked[]> {
  const history = sends.map((send): Asked => ({ send, answers: [], toRival: [] }));
  const striking: Promise<void>[] = [];
  const clients: Promise<void>[] = [];
  for (const [at, asked] of history.entries()) {
    if (strikesAfter.includes(at)) striking.push(strike(fault, at, world));
    for (const to of asked.send.to) clients.push(insist(asked, to, world));
    if (asked.send.rival) clients.push(insistAsRival(asked, asked.send.rival, (at + 1) % world.processes, world));
    if (at % 10 === 0 || asked.send.rival) await sleep(1);
  }
  await Promise.all([...clients, ...striking]);
  return history;
}

async function insist({ send, answers }: Asked, first: number, world: World): Promise<void> {
  answers.push(await definiteAnswer(send.request, first, world));
}

async function insistAsRival({ toRival }: Asked, rival: Send['request'], first: number, world: World): Promise<void> {
  toRival.push(await definiteAnswer(rival, first, world));
}

/** Sends until there is an answer that will not change. */
export async function definiteAnswer(request: Send['request'], first: number, world: World): Promise<Answer> {
  const giveUpAtMs = performance.now() + PATIENCE_MS;
  for (let to = first; ; to = (to + 1) % world.processes) {
    const answer = await world.send(to, request);
    if (answer && answer.kind !== 'RETRY') return answer;
    if (performance.now() > giveUpAtMs) return { id: -1, kind: 'FAILED', message: 'no definite answer in time' };
    await sleep(RETRY_MS);
  }
}

async function strike(fault: RoundPlan['fault'], at: number, world: World): Promise<void> {
  switch (fault) {
    case 'NONE':
      return;
    case 'KILL_PROCESS':
      return world.killProcess(at % world.processes);
    case 'TERMINATE_BACKENDS':
      await world.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tessera-ledger-lane'`);
      return;
    case 'DROP_COMMIT_ANSWER':
      for (let times = 0; times < 3; times += 1) world.proxy.dropNextCommitAnswer();
      return;
    case 'RESET_CONNECTIONS':
      return world.proxy.resetAll();
    case 'STOP_POSTGRES':
      return world.stopPostgres();
  }
}
