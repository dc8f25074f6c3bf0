import type { Ask } from './ask.ts';
import { type Check, ledgerCheck, type Scope, violationsOf } from './check.ts';
import { accountSlices, batchSlices, inSlice, type Slice, sealSlices } from './slices.ts';
import { type Window, within } from './window.ts';

/** A stored instant as the engine wrote it into the digest. */
const instant = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** A stored transfer as a line of its batch, as the digest has it: its values in the order of the columns, parted by U+001F. */
export const transferLine = `array_to_string(array[
    id, fact_key, linked_group, debit_account_id, credit_account_id, amount_minor::text, currency, state, code, note, reason,
    debit_sequence::text, credit_sequence::text, debit_balance_after::text, credit_balance_after::text,
    debit_available_after::text, credit_available_after::text, ${instant('expires_at')}, resolves, released_minor::text, reverses,
    order_id, payment_id, ${instant('created_at')}, actor, traceparent, batch_id::text], chr(31), chr(30))`;

/** What the storage cannot hold by constraints, because transfers are partitioned by time; and the chain that shows whether somebody changed them. */
export const ledgerStorageChecks: readonly Check[] = [
  ledgerCheck({
    invariant: 'I11',
    id: 'transfers-fit-accounts',
    title: 'both accounts of every movement exist and are of its currency',
    sql: (window) => `
      select format('transfer %s in %s debits %s (%s) and credits %s (%s)', t.id, t.currency, t.debit_account_id, d.currency, t.credit_account_id, c.currency) as violation
      from transfers t left join accounts d on d.id = t.debit_account_id left join accounts c on c.id = t.credit_account_id
      where ${within(window, 't.')} and (d.id is null or c.id is null or (t.state <> 'REFUSED' and not (d.currency = t.currency and c.currency = t.currency)))`,
  }),
  {
    invariant: 'I3',
    id: 'time-never-runs-back',
    title: 'along every account, what has the higher sequence is not older',
    run: async (ask, limit, { window = null, onProgress } = {}) => {
      if (window)
        return violationsOf(
          ask,
          'ledger',
          runsBack(() => within(window)),
          limit,
        );
      return overSlices(await accountSlices(ask), limit, onProgress, (slice, isFirst) => {
        const ofSlice = (side: string): string => inSlice(`${side}_account_id`, slice, 'text', isFirst);
        return violationsOf(ask, 'ledger', runsBack(ofSlice), limit);
      });
    },
  },
  {
    invariant: 'I3',
    id: 'batches-unchanged',
    title: 'the digest of every batch is that of its transfers',
    run: async (ask, limit, { window = null, onProgress } = {}) =>
      overSlices(await batchSlices(ask, window), limit, onProgress, (slice, isFirst) =>
        violationsOf(ask, 'ledger', otherDigests(slice, isFirst, window), limit),
      ),
  },
  {
    invariant: 'I3',
    id: 'hash-chain',
    title: 'every seal is the hash of the one before it, its batch and the digest; none is missing',
    run: async (ask, limit, scope = {}) => {
      const links = await brokenLinks(ask, limit, scope);
      const { window = null } = scope;
      if (!window && (await everyBatchHasItsPlace(ask))) return links;
      const lost = `
        select format('batch %s is neither sealed nor waits for it', id) as violation from ledger_batches b where id >= ${window?.fromBatch ?? 0}
          and not exists (select from ledger_seals s where s.batch_id = b.id) and not exists (select from unsealed_batches u where u.batch_id = b.id)`;
      return [...links, ...(await violationsOf(ask, 'ledger', lost, limit))].slice(0, limit);
    },
  },
];

async function overSlices(
  slices: readonly Slice[],
  limit: number,
  onProgress: Scope['onProgress'],
  violations: (slice: Slice, isFirst: boolean) => Promise<string[]>,
): Promise<string[]> {
  const found: string[] = [];
  for (const [at, slice] of slices.entries()) {
    found.push(...(await violations(slice, at === 0)));
    if (found.length >= limit) return found.slice(0, limit);
    onProgress?.((at + 1) / slices.length);
  }
  return found;
}

function runsBack(which: (side: 'debit' | 'credit') => string): string {
  return `
    select format('account %s: movement %s is older than the one before', account_id, sequence) as violation from (
      select account_id, sequence, created_at, lag(created_at) over (partition by account_id order by sequence) as earlier
      from (select debit_account_id as account_id, debit_sequence as sequence, created_at from transfers where debit_sequence is not null and ${which('debit')}
            union all
            select credit_account_id, credit_sequence, created_at from transfers where credit_sequence is not null and ${which('credit')}) sides) ordered
    where created_at < earlier`;
}

/** Transfers of no batch were there before there were batches: they are batch 0. */
function otherDigests(slice: Slice, isFirst: boolean, window: Window | null): string {
  const isOfSlice = inSlice('batch_id', slice, 'bigint', isFirst);
  const which = window ? `${isOfSlice} and created_at >= '${window.fromTime}'` : isFirst ? `(batch_id is null or ${isOfSlice})` : isOfSlice;
  return `
    select format('batch %s: %s transfers with another digest, %s were written', coalesce(b.id, t.id), coalesce(t.count, 0), b.transfer_count) as violation
    from (select * from ledger_batches where ${inSlice('id', slice, 'bigint', isFirst)}) b full join (
      select coalesce(batch_id, 0) as id, count(*) as count, sha256(convert_to(string_agg(${transferLine}, chr(10) order by id collate "C"), 'UTF8')) as digest
      from transfers where ${which} group by batch_id) t on t.id = b.id
    where (b.digest, b.transfer_count) is distinct from (t.digest, t.count)`;
}

/** From the first seal, or from the one before the window. */
async function brokenLinks(ask: Ask, limit: number, { window = null, onProgress }: Scope): Promise<string[]> {
  const [start] = window
    ? await ask<{ after: string }>(
        'ledger',
        `select coalesce((select min(ordinal) from ledger_seals where batch_id >= $1::bigint) - 1, (select max(ordinal) from ledger_seals), 0)::text as after`,
        [window.fromBatch],
      )
    : [];
  const after = start?.after ?? '0';
  const broken = (slice: Slice): string => `
    select format('seal %s (batch %s) does not follow', s.ordinal, s.batch_id) as violation
    from ledger_seals s left join ledger_batches b on b.id = s.batch_id left join ledger_seals earlier on earlier.ordinal = s.ordinal - 1
    where s.ordinal > ${slice.first ?? 0} and ${inSlice('s.ordinal', { first: null, last: slice.last }, 'bigint', false)}
      and (s.chain is distinct from sha256(coalesce(earlier.chain, ''::bytea) || int8send(s.batch_id) || b.digest) or (earlier.ordinal is null and s.ordinal <> 1))`;
  return overSlices(await sealSlices(ask, after), limit, onProgress, (slice) => violationsOf(ask, 'ledger', broken(slice), limit));
}

/** Batches are sealed or wait for it: as sums, because nothing can be missing on one side without being too much on the other. */
async function everyBatchHasItsPlace(ask: Ask): Promise<boolean> {
  const [row] = await ask<{ holds: boolean }>(
    'ledger',
    `select b.count = s.count + u.count and coalesce(b.sum, 0) = coalesce(s.sum, 0) + coalesce(u.sum, 0) as holds
     from (select count(*) as count, sum(hashint8extended(id, 1) >> 1) as sum from ledger_batches) b,
          (select count(*) as count, sum(hashint8extended(batch_id, 1) >> 1) as sum from ledger_seals) s,
          (select count(*) as count, sum(hashint8extended(batch_id, 1) >> 1) as sum from unsealed_batches) u`,
  );
  return row?.holds ?? false;
}
