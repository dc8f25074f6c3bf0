import type { Decided } from './messages.ts';
import type { Asked } from './play.ts';
import type { Query } from './world.ts';

/**
 * Who asked first is told so, whatever was lost on the way between engine and database, with the events by which it is told to the others;
 * everybody else is told that it was decided before. Only where a client was left without an answer may that be said to all of them.
 */
export async function wrongFirsts(history: readonly Asked[], query: Query): Promise<string[]> {
  const ids = history.flatMap((asked) => decidedOf(asked).flatMap(({ committed }) => committed));
  const rows = await query<{ id: string }>('select id from outbox_events where id = any($1::text[])', [ids]);
  const told = new Set(rows.map(({ id }) => id));
  return history.flatMap((asked) => {
    const { key } = asked.send;
    const answers = decidedOf(asked);
    const firsts = answers.filter(({ isReplayed }) => !isReplayed);
    const isNone = firsts.length === 0 && asked.unanswered === 0 && answers.length > 0;
    return [
      ...(isNone || firsts.length > 1 ? [`${key}: ${firsts.length} of ${answers.length} were told that they were the first`] : []),
      ...answers.flatMap(({ isReplayed, committed }) =>
        isReplayed === (committed.length === 0)
          ? []
          : [`${key}: ${isReplayed ? 'a replay' : 'the first'} named ${committed.length} events`],
      ),
      ...answers.flatMap(({ committed }) =>
        committed.flatMap((id) => (told.has(id) ? [] : [`${key}: event ${id} was named and never told`])),
      ),
    ];
  });
}

function decidedOf({ answers, toRival }: Asked): Decided[] {
  return [...answers, ...toRival].filter((answer) => answer.kind === 'POSTED' || answer.kind === 'REFUSED');
}
