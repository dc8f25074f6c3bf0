import { ledgerOwnChecks } from '@tessera/verify';
import { SCOPE } from './generate.ts';
import { type Asked, definiteAnswer } from './play.ts';
import type { World } from './world.ts';

const MAX_SAMPLES = 5;

type KeyRow = { key: string; outcome: string; transfer_ids: string[]; refusal: { reason: string; availableMinor: string | null } | null };

/** Everything that is wrong after a round, as text: answers against each other, against what is stored, and the books against themselves. */
export async function judge(history: readonly Asked[], world: World, fundedMinor: bigint): Promise<string[]> {
  return [
    ...history.flatMap(disagreements),
    ...(await unlikeStored(history, world)),
    ...(await replays(history, world)),
    ...(await untold(world)),
    ...(await brokenBooks(world, fundedMinor)),
  ];
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

function textOf({ id: _, ...answer }: Asked['answers'][number]): string {
  return JSON.stringify(answer);
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
    return answer && replayed && textOf(answer) === textOf(replayed)
      ? []
      : [`${send.key}: told ${JSON.stringify(answer)}, replayed ${JSON.stringify(replayed)}`];
  });
}

/** Each movement has one event, and each refusal that concerns accounts. */
async function untold(world: World): Promise<string[]> {
  const rows = await world.query<{ what: string }>(
    `select format('transfer %s has %s events', t.id, count(o.id)) as what
     from transfers t left join outbox_events o on o.aggregate_id = t.id and o.type = 'TransferPosted' where t.state = 'POSTED' group by t.id having count(o.id) <> 1
     union all
     select format('refused key %s has %s events', k.key, count(o.id))
     from transfer_keys k left join outbox o on o.aggregate_id = k.key and o.type = 'TransferRefused'
     where k.scope = $1 and k.outcome = 'REFUSED' group by k.key having count(o.id) <> 1
     limit ${MAX_SAMPLES}`,
    [SCOPE],
  );
  return rows.map(({ what }) => what);
}

async function brokenBooks(world: World, fundedMinor: bigint): Promise<string[]> {
  const found: string[] = [];
  for (const check of ledgerOwnChecks) {
    const violations = await check.run((_service, sql, parameters) => world.query(sql, parameters), MAX_SAMPLES);
    found.push(...violations.map((violation) => `${check.id}: ${violation}`));
  }
  const [money] = await world.query<{ total: string }>(
    `select sum(credits_posted - debits_posted)::text as total from accounts where kind in ('WALLET', 'FEES')`,
  );
  if (BigInt(money?.total ?? 0) !== fundedMinor) found.push(`${money?.total} inside, ${fundedMinor} were put in`);
  if (world.deadlocks() > 0) found.push(`${world.deadlocks()} transactions waited for each other in a circle`);
  return [...found, ...(await unfounded(world))];
}

/** A refusal for want of money names what the account had; it must once have had that, and it must have been too little. */
async function unfounded(world: World): Promise<string[]> {
  const rows = await world.query<{ what: string }>(
    `select format('key %s was refused with %s available', k.key, k.refusal ->> 'availableMinor') as what
     from transfer_keys k join transfers t on t.id = any(k.transfer_ids) and t.reason = 'INSUFFICIENT_FUNDS'
     where k.scope = $1 and k.refusal ->> 'leg' = '0'
       and ((k.refusal ->> 'availableMinor')::bigint >= t.amount_minor
         or not exists (select from transfers d where d.debit_account_id = t.debit_account_id and d.debit_available_after = (k.refusal ->> 'availableMinor')::bigint)
            and not exists (select from transfers c where c.credit_account_id = t.debit_account_id and c.credit_available_after = (k.refusal ->> 'availableMinor')::bigint))
     limit ${MAX_SAMPLES}`,
    [SCOPE],
  );
  return rows.map(({ what }) => what);
}
