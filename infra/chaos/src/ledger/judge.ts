import { setTimeout as sleep } from 'node:timers/promises';
import { eventLogChecks, ledgerOwnChecks, windowSinceSeal } from '@tessera/verify';
import { wrongBehind } from './books.ts';
import { wrongFirsts } from './firsts.ts';
import { SCOPE } from './generate.ts';
import { countHolds, type HoldCounts } from './holds.ts';
import { BEGINNING, type Line, readLine } from './line.ts';
import type { Answer } from './messages.ts';
import { type Asked, definiteAnswer } from './play.ts';
import type { Query, World } from './world.ts';

const MAX_SAMPLES = 5;
const REST_WITHIN_MS = 20_000;
const REST_POLL_MS = 50;

type KeyRow = { key: string; outcome: string; transfer_ids: string[]; refusal: { reason: string; availableMinor: string | null } | null };

export interface Case {
  readonly history: readonly Asked[];
  readonly world: World;
  readonly fundedMinor: bigint;
  /** What was proved before. */
  readonly line: Line;
  /** Proves everything from the beginning on, also what was proved before. */
  readonly isWhole: boolean;
}

export interface Verdict {
  /** As text. */
  readonly wrong: readonly string[];
  readonly line: Line;
  readonly holds: HoldCounts;
}

/** Everything that is wrong after a round: answers against each other, against what is stored, and the books against themselves. */
export async function judge({ history, world, fundedMinor, line, isWhole }: Case): Promise<Verdict> {
  const answers = [...history.flatMap(disagreements), ...(await unlikeStored(history, world)), ...(await replays(history, world))];
  const left = await atRest(world);
  return world.snapshot(async (query) => ({
    wrong: [
      ...answers,
      ...(await wrongFirsts(history, query)),
      ...left,
      ...(await lostMoney(query, fundedMinor)),
      ...(await brokenBooks(query, line, isWhole)),
      ...world.complaints(),
    ],
    line: await readLine(query),
    holds: await countHolds(query, line),
  }));
}

function disagreements({ send, answers, toRival }: Asked): string[] {
  const texts = new Set(answers.map(textOf));
  const failed = [...answers, ...toRival].filter(({ kind }) => kind === 'FAILED');
  return [
    ...(answers.length === send.to.length ? [] : [`${send.key}: ${send.to.length} sends, ${answers.length} answers`]),
    ...(texts.size > 1 ? [`${send.key} was answered differently: ${[...texts].join(' | ')}`] : []),
    ...failed.map((answer) => `${send.key} failed: ${textOf(answer)}`),
    ...wrongWinner(send, answers, toRival),
  ];
}

/** Of two requests under one key one is the fact, whatever came of it, and the other is told which fields differ. */
function wrongWinner({ key, request, rival }: Asked['send'], [answer]: Asked['answers'], [toRival]: Asked['toRival']): string[] {
  if (!rival || !toRival) return answer?.kind === 'KEY_REUSED' ? [`${key} was told that its key is used, and nobody else used it`] : [];
  const isSame = JSON.stringify(request.legs, asText) === JSON.stringify(rival.legs, asText);
  const reused = [answer, toRival].filter((each) => each?.kind === 'KEY_REUSED').length;
  return reused === (isSame ? 0 : 1)
    ? []
    : [`${key}: ${reused} of two rivals were told that the key is used: ${JSON.stringify([answer, toRival])}`];
}

function asText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** What it says of the fact. */
function textOf(answer: Answer): string {
  return JSON.stringify({ ...answer, id: undefined, isReplayed: undefined, committed: undefined });
}

async function unlikeStored(history: readonly Asked[], world: World): Promise<string[]> {
  const rows = await world.query<KeyRow>(
    'select key, outcome, transfer_ids, refusal from transfer_keys where scope = $1 and key = any($2::text[])',
    [SCOPE, history.map(({ send }) => send.key)],
  );
  const stored = Map.groupBy(rows, ({ key }) => key);
  return history.flatMap(({ send, answers: [first], toRival: [rival] }) => {
    const answer = first?.kind === 'KEY_REUSED' ? rival : first;
    const [row, ...more] = stored.get(send.key) ?? [];
    if (!answer) return [];
    if (!row || more.length > 0) return [`${send.key} is stored ${1 + more.length - (row ? 0 : 1)} times`];
    const isSame =
      answer.kind === 'POSTED'
        ? row.outcome === 'POSTED' && String(row.transfer_ids) === String(answer.transferIds)
        : answer.kind === 'REFUSED' && row.refusal?.reason === answer.reason && row.refusal.availableMinor === answer.availableMinor;
    return isSame ? [] : [`${send.key}: told ${textOf(answer)}, stored ${JSON.stringify(row)}`];
  });
}

/** Every key once more, to a process of our choice: the answer is the one that was given. */
async function replays(history: readonly Asked[], world: World): Promise<string[]> {
  const again = await Promise.all(history.map(({ send }, at) => definiteAnswer(send.request, at % world.processes, world)));
  return history.flatMap(({ send, answers: [answer] }, at) => {
    const replayed = again[at];
    const isReplay = replayed?.kind === 'KEY_REUSED' || (replayed && 'isReplayed' in replayed && replayed.isReplayed);
    return answer && replayed && isReplay && textOf(answer) === textOf(replayed)
      ? []
      : [`${send.key}: told ${JSON.stringify(answer)}, replayed ${JSON.stringify(replayed)}`];
  });
}

/** What is due by its deadline is given back and what was committed is sealed, without anybody's help. */
async function atRest(world: World): Promise<string[]> {
  const giveUpAtMs = performance.now() + REST_WITHIN_MS;
  for (;;) {
    const rows = await world.query<{ what: string }>(LEFT);
    if (rows.length === 0 || performance.now() > giveUpAtMs) return rows.map(({ what }) => what);
    await sleep(REST_POLL_MS);
  }
}

const LEFT = `
  select format('hold %s is not given back', hold_id) as what from open_holds where expires_at < now() + interval '1 minute'
  union all
  select format('batch %s is not sealed', batch_id) from unsealed_batches
  limit ${MAX_SAMPLES}`;

async function brokenBooks(query: Query, line: Line, isWhole: boolean): Promise<string[]> {
  const ask = <Row extends Record<string, unknown>>(_service: string, sql: string, parameters?: readonly unknown[]) =>
    query<Row>(sql, parameters);
  const window = isWhole ? null : await windowSinceSeal(ask, line.seal);
  const found: string[] = [];
  for (const check of [...ledgerOwnChecks, ...eventLogChecks('ledger')]) {
    const violations = await check.run(ask, MAX_SAMPLES, { window });
    found.push(...violations.map((violation) => `${check.id}: ${violation}`));
  }
  return [...found, ...(await wrongBehind(isWhole ? BEGINNING : line, query))];
}

async function lostMoney(query: Query, fundedMinor: bigint): Promise<string[]> {
  const [money] = await query<{ total: string }>(
    `select sum(credits_posted - debits_posted)::text as total from accounts where kind in ('WALLET', 'FEES')`,
  );
  return BigInt(money?.total ?? 0) === fundedMinor ? [] : [`${money?.total} inside, ${fundedMinor} were put in`];
}
