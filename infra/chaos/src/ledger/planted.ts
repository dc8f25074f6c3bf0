import type { Plant } from './plant.ts';

export const plants: readonly Plant[] = [
  {
    name: 'skip the floor check',
    edits: [
      {
        file: 'engine/account.js',
        find: 'if (isLower && after.floorMinor !== null && available < after.floorMinor)',
        replace: 'if (false)',
      },
    ],
    sql: ['alter table accounts drop constraint accounts_floor_held'],
  },
  {
    name: 'drop the key index',
    edits: [],
    sql: ['alter table transfer_keys drop constraint transfer_keys_pkey'],
  },
  {
    name: 'write the outbox after the commit',
    edits: [
      {
        file: 'engine/lane.js',
        find: 'writeTold(',
        replace: '((own, ...told) => void (own.tellLater = (sql) => writeTold(sql, ...told)))(',
      },
      { file: 'engine/lane.js', find: 'const batch = await runBatch(', replace: 'lane.committed = sql; const batch = await runBatch(' },
      {
        file: 'engine/lane.js',
        find: 'events.onBatch?.(',
        replace: 'await lane.transaction(lane.committed.tellLater); events.onBatch?.(',
      },
    ],
  },
  {
    name: 'leave a movement out of the row that tells it',
    edits: [
      {
        file: 'engine/outbox.js',
        find: 'for (const id of moved) {',
        replace: 'for (const id of moved.slice(0, moved.length > 1 ? -1 : 1)) {',
      },
    ],
  },
  {
    name: 'count more movements than the row names',
    edits: [{ file: 'engine/outbox.js', find: 'PACK_ORIGIN, String(pack.length)', replace: 'PACK_ORIGIN, String(pack.length + 1)' }],
  },
  {
    name: 'tell of a movement, which has its only event, that another was refused',
    edits: [
      {
        file: 'engine/lane.js',
        find: 'told.push({ moved, events, origin: submission.origin });',
        replace: `const about = told.findLast((before) => before.moved.length > 0)?.moved[0];
          const aboutIt = (event) => (event.type.endsWith('Refused') && about ? { ...event, aggregateId: about } : event);
          told.push({ moved, events: events.map(aboutIt), origin: submission.origin });`,
      },
    ],
  },
  {
    name: 'forget the sequence of the credit side',
    edits: [
      {
        file: 'engine/account.js',
        find: 'creditsPending: account.creditsPending + pending, sequence: account.sequence + 1n,',
        replace: 'creditsPending: account.creditsPending + pending, sequence: account.sequence,',
      },
    ],
    sql: ['drop index transfers_credit_time', 'drop index transfers_debit_time'],
  },
  {
    name: 'lock in the order of arrival',
    edits: [
      { file: 'engine/books.js', find: '[...ids].sort()', replace: '[...ids]' },
      {
        file: 'engine/statements.js',
        find: 'from accounts where id = any($1::text[]) order by id for no key update',
        replace:
          'from unnest($1::text[]) with ordinality as asked (wanted, place) join accounts on id = wanted order by place for no key update of accounts',
      },
    ],
  },
  {
    name: 'send again without the key',
    edits: [
      {
        file: 'engine/settle.js',
        find: 'items = free;',
        replace: `items = free.map((item) => ({ ...item, resolve: (settled) => item.resolve(settled), reject: (error) => item.reject(error),
          hash: crypto.randomUUID().replaceAll('-', '') }));`,
      },
    ],
  },
  {
    name: 'take the locks of accounts for granted',
    edits: [{ file: 'engine/statements.js', find: 'order by id for no key update', replace: 'order by id' }],
  },
  {
    name: 'take any body for the same request',
    edits: [{ file: 'engine/decide.js', find: 'return differing.length > 0', replace: 'return false' }],
  },
  {
    name: 'forget refusals',
    edits: [
      {
        file: 'engine/write.js',
        find: 'keys.add(keyRow(',
        replace: "if (item.decision.kind === 'POSTED') keys.add(keyRow(",
      },
    ],
  },
  {
    name: 'acknowledge before the commit',
    edits: [
      { file: 'engine/connection.js', find: "await client.query('commit');", replace: "client.query('commit').catch(() => undefined);" },
    ],
  },
  {
    name: 'acknowledge what the database has rolled back',
    edits: [
      {
        file: 'engine/lane.js',
        find: 'await Promise.all([...writes, writeTold(',
        replace: 'await Promise.allSettled([...writes, writeTold(',
      },
      { file: 'engine/connection.js', find: 'await given.done();', replace: '' },
      { file: 'engine/connection.js', find: "if (command !== 'COMMIT')", replace: 'if (false)' },
    ],
  },
  {
    name: 'leave a failure to whoever asks for it later',
    edits: [{ file: 'engine/connection.js', find: 'promise.catch(() => undefined);', replace: '' }],
  },
  {
    name: 'take our own commit for that of somebody else',
    edits: [{ file: 'engine/lane.js', find: 'if (attempt)', replace: 'if (false)' }],
  },
  {
    name: 'forget what was used of a limit',
    edits: [{ file: 'engine/write.js', find: 'if (limits.length > 0)', replace: 'if (false)' }],
  },
  {
    name: 'note the balance of the other side',
    edits: [{ file: 'engine/rows.js', find: 'credit.balanceMinor.toString()', replace: 'debit.balanceMinor.toString()' }],
  },
  {
    name: 'keep the changes of a leg although a later one is refused',
    edits: [
      {
        file: 'engine/evaluate.js',
        find: 'return refusedAt(index, result);',
        replace: '{ accounts.keep(); return refusedAt(index, result); }',
      },
    ],
  },
  {
    name: 'digest what was asked instead of what was written',
    edits: [{ file: 'engine/digest.js', find: 'lines.toSorted()', replace: 'lines.slice(1).toSorted()' }],
  },
  {
    name: 'resolve a hold again',
    edits: [{ file: 'engine/evaluate.js', find: 'if (hold.resolution)', replace: 'if (false)' }],
    sql: [
      'alter table hold_resolutions drop constraint hold_resolutions_pkey',
      'alter table accounts drop constraint accounts_counters_not_negative',
    ],
  },
  {
    name: 'keep the rest of a hold that is posted in part',
    edits: [{ file: 'engine/account.js', find: 'releasedMinor ?? amountMinor', replace: 'amountMinor' }],
  },
  {
    name: 'take any deadline for passed',
    edits: [
      { file: 'hold/expire-holds.js', find: 'o.expires_at <= clock_timestamp()', replace: 'true' },
      { file: 'engine/evaluate.js', find: "leg.kind === 'EXPIRE' && !isDue", replace: 'false' },
    ],
  },
  {
    name: 'raise both counters of an account, which leaves its balance',
    edits: [
      {
        file: 'engine/account.js',
        find: 'debitsPosted: account.debitsPosted + posted,',
        replace: 'debitsPosted: account.debitsPosted + posted + 1n, creditsPosted: account.creditsPosted + 1n,',
      },
    ],
  },
  {
    name: 'name another amount in a refusal',
    edits: [
      {
        file: 'engine/evaluate.js',
        find: "'INSUFFICIENT_FUNDS' && account ? availableOf(account)",
        replace: "'INSUFFICIENT_FUNDS' && account ? availableOf(account) - 1n",
      },
    ],
  },
];
