/** What somebody with the database in hand may do, each on books with every kind of fact before the window and in it. */
export interface Tamper {
  readonly how: string;
  readonly sql: readonly string[];
  /** Exactly these checks turn red, by a full pass and by one since the window. */
  readonly full: readonly string[];
  readonly since: readonly string[];
}

const inWindow = (key: string): string => `id = any(select unnest(transfer_ids) from transfer_keys where key = '${key}')`;

const A_ROW = `insert into outbox (id, type, aggregate_id, sequence, payload, occurred_at)`;
const COUNTED = `insert into aggregate_sequences select aggregate_id, sequence from outbox where id in ('evt_again', 'evt_other', 'evt_none')`;

export const ledgerTampers: readonly Tamper[] = [
  {
    how: 'a purpose is changed, and nothing else',
    sql: [`update transfers set code = 'PAYOUT' where ${inWindow('after-transfer')}`],
    full: ['batches-unchanged'],
    since: ['batches-unchanged'],
  },
  {
    how: 'a purpose of long ago is changed, which only a full pass reads again',
    sql: [`update transfers set code = 'PAYOUT' where ${inWindow('before-transfer')}`],
    full: ['batches-unchanged'],
    since: [],
  },
  {
    how: 'a transfer is made up, with its key, its counters, its sequences and its balances all in order',
    sql: [
      `insert into transfers (id, fact_key, debit_account_id, credit_account_id, amount_minor, currency, state, code, debit_sequence, credit_sequence,
         debit_balance_after, credit_balance_after, debit_available_after, credit_available_after, created_at, actor)
       select 'trf_forged', 'verify:forged', d.id, c.id, 5, 'USD', 'POSTED', 'TRANSFER', d.sequence + 1, c.sequence + 1,
         d.credits_posted - d.debits_posted - 5, c.credits_posted - c.debits_posted + 5, d.credits_posted - d.debits_posted - d.debits_pending - 5, c.credits_posted - c.debits_posted + 5, now(), 'verify'
       from accounts d, accounts c, transfers t where ${inWindow('after-transfer').replace('id =', 't.id =')} and d.id = t.debit_account_id and c.id = t.credit_account_id`,
      `insert into transfer_keys (key_hash, scope, key, fingerprint, outcome, transfer_ids, created_at)
       values (encode(substr(sha256(convert_to('verify', 'UTF8') || decode('00', 'hex') || convert_to('forged', 'UTF8')), 1, 16), 'hex')::uuid, 'verify', 'forged', '{}', 'POSTED', array['trf_forged'], now())`,
      `update accounts set debits_posted = debits_posted + 5, sequence = sequence + 1 where id = (select debit_account_id from transfers where id = 'trf_forged')`,
      `update accounts set credits_posted = credits_posted + 5, sequence = sequence + 1 where id = (select credit_account_id from transfers where id = 'trf_forged')`,
    ],
    full: ['batches-unchanged', 'movements-told-once'],
    since: ['counters-fold', 'sequences-gapless'],
  },
  {
    how: 'the payer of a transfer is charged less, all counters and later balances changed with it, and the digest computed again',
    sql: [
      `update ledger_batches set digest = sha256(digest) where id = (select batch_id from transfers where ${inWindow('before-transfer')})`,
    ],
    full: ['batches-unchanged', 'hash-chain'],
    since: [],
  },
  {
    how: 'a seal of long ago is replaced, and all that follow are computed again from it',
    sql: [`update ledger_seals set chain = sha256(chain) where ordinal = 2`],
    full: ['hash-chain'],
    since: [],
  },
  {
    how: 'a wallet loses its floor, so that the product itself lets it spend what it has not',
    sql: [`update accounts set floor_minor = null where id = (select debit_account_id from transfers where ${inWindow('after-transfer')})`],
    full: ['floors-held'],
    since: ['floors-held'],
  },
  {
    how: 'an amount is changed on the way',
    sql: [`update transfers set amount_minor = amount_minor + 1 where ${inWindow('after-transfer')}`],
    full: ['counters-fold', 'balances-chained', 'batches-unchanged'],
    since: ['balances-chained', 'batches-unchanged'],
  },
  {
    how: 'a transfer disappears without a trace but its number',
    sql: [`delete from transfers where ${inWindow('after-transfer')}`, `delete from transfer_keys where key = 'after-transfer'`],
    full: ['counters-fold', 'sequences-gapless', 'balances-chained', 'batches-unchanged', 'ledger-packs-whole'],
    since: ['sequences-gapless', 'balances-chained', 'batches-unchanged', 'ledger-packs-whole'],
  },
  {
    how: 'the last transfer of the window is undone in the counters alone',
    sql: [`update accounts set credits_posted = credits_posted + 1, debits_posted = debits_posted + 1`],
    full: ['counters-fold'],
    since: [],
  },
  {
    how: 'two accounts are given and taken a cent',
    sql: [
      `update accounts set credits_posted = credits_posted + 1 where id = (select debit_account_id from transfers where ${inWindow('after-transfer')})`,
      `update accounts set credits_posted = credits_posted - 1 where id = (select credit_account_id from transfers where ${inWindow('after-transfer')})`,
    ],
    full: ['counters-fold'],
    since: ['counters-fold'],
  },
  {
    how: 'a hold is posted with another amount set free',
    sql: [`update transfers set released_minor = 30 where ${inWindow('after-part')}`],
    full: ['holds-resolved-once', 'counters-fold', 'balances-chained', 'batches-unchanged'],
    since: ['holds-resolved-once', 'balances-chained', 'batches-unchanged'],
  },
  {
    how: 'an open hold is forgotten by the sweeper’s list',
    sql: [`delete from open_holds where hold_id = any(select unnest(transfer_ids) from transfer_keys where key = 'after-open')`],
    full: ['holds-resolved-once'],
    since: ['holds-resolved-once'],
  },
  {
    how: 'a leg leaves its linked group',
    sql: [
      `update transfers set linked_group = null where ${inWindow('after-linked')} and code = 'TRANSFER' and credit_account_id like 'acc%'`,
    ],
    full: ['linked-groups-whole', 'batches-unchanged'],
    since: ['linked-groups-whole', 'batches-unchanged'],
  },
  {
    how: 'a key loses one of its transfers',
    sql: [`update transfer_keys set transfer_ids = transfer_ids[1:1] where key = 'after-linked'`],
    full: ['facts-have-one-key', 'linked-groups-whole'],
    since: ['facts-have-one-key', 'linked-groups-whole'],
  },
  {
    how: 'a key is there twice',
    sql: [
      `alter table transfer_keys drop constraint transfer_keys_pkey`,
      `insert into transfer_keys select * from transfer_keys where key = 'after-transfer'`,
    ],
    full: ['facts-have-one-key', 'keys-by-hash'],
    since: ['facts-have-one-key', 'keys-by-hash'],
  },
  {
    how: 'a key of long ago is there again, with what happens now under it',
    sql: [
      `alter table transfer_keys drop constraint transfer_keys_pkey`,
      `update transfer_keys set (key_hash, scope, key) = (select key_hash, scope, key from transfer_keys where key = 'before-transfer') where key = 'after-transfer'`,
    ],
    full: ['keys-by-hash'],
    since: ['keys-by-hash'],
  },
  {
    how: 'the key of a refusal that concerns no account, and so is in no batch that is listed, is moved',
    sql: [`update transfer_keys set key_hash = gen_random_uuid() where key = 'after-nothing'`],
    full: ['keys-by-hash'],
    since: ['keys-by-hash'],
  },
  {
    how: 'a new key names a transfer of long ago, which has a key',
    sql: [
      `insert into transfer_keys (key_hash, scope, key, fingerprint, outcome, transfer_ids, created_at, batch_id)
       select encode(substr(sha256(convert_to('verify', 'UTF8') || decode('00', 'hex') || convert_to('again', 'UTF8')), 1, 16), 'hex')::uuid, 'verify', 'again', '{}', 'POSTED',
         (select transfer_ids from transfer_keys where key = 'before-transfer'), created_at, batch_id from transfer_keys where key = 'after-transfer'`,
    ],
    full: ['facts-have-one-key'],
    since: ['facts-have-one-key'],
  },
  {
    how: 'a balance is out of all bounds',
    sql: [`update transfers set debit_balance_after = -9223372036854775808 where ${inWindow('after-transfer')}`],
    full: ['balances-chained', 'batches-unchanged'],
    since: ['balances-chained', 'batches-unchanged'],
  },
  {
    how: 'the reversal is taken off its list',
    sql: [`delete from reversals where transfer_id = any(select unnest(transfer_ids) from transfer_keys where key = 'after-reversal')`],
    full: ['resolved-and-reversed-once'],
    since: ['resolved-and-reversed-once'],
  },
  {
    how: 'a subtotal of the trial balance is raised',
    sql: [
      `insert into trial_balance_subtotals (until_at, kind, currency, accounts, debits, credits)
       select now(), a.kind, a.currency, count(*), sum(debits_posted) + 1, sum(credits_posted) from accounts a where sequence > 0 group by a.kind, a.currency`,
    ],
    full: ['subtotals-fold'],
    since: ['subtotals-fold'],
  },
  {
    how: 'what told movements of the window is taken away, as if nobody had ever written it',
    sql: [
      `delete from outbox where packed is not null and occurred_at = (select created_at from transfers where ${inWindow('after-transfer')})`,
    ],
    full: ['movements-told-once'],
    since: ['movements-told-once'],
  },
  {
    how: 'what told a movement of long ago is taken away',
    sql: [
      `delete from outbox where packed is not null and occurred_at = (select created_at from transfers where ${inWindow('before-transfer')})`,
    ],
    full: ['movements-told-once'],
    since: [],
  },
  {
    how: 'a movement is left out of the row that tells it',
    sql: [
      `update outbox set payload = '[]' where packed is not null and occurred_at = (select created_at from transfers where ${inWindow('after-transfer')})`,
    ],
    full: ['movements-told-once', 'ledger-packs-whole'],
    since: ['movements-told-once', 'ledger-packs-whole'],
  },
  {
    how: 'a row counts more movements than it names',
    sql: [`update outbox set packed = packed + 1 where packed is not null`],
    full: ['ledger-packs-whole'],
    since: ['ledger-packs-whole'],
  },
  {
    how: 'a movement is told at another time than its own, when nothing can be made of its name',
    sql: [
      `update outbox set occurred_at = occurred_at + interval '1 millisecond' where packed is not null and occurred_at = (select created_at from transfers where ${inWindow('after-transfer')})`,
    ],
    full: ['movements-told-once', 'ledger-packs-whole'],
    since: ['movements-told-once', 'ledger-packs-whole'],
  },
  {
    how: 'a movement is told again, in a row of its own',
    sql: [`${A_ROW} select 'evt_again', 'TransferPosted', id, 1, '{}', now() from transfers where ${inWindow('after-transfer')}`, COUNTED],
    full: ['movements-told-once', 'ledger-packs-whole'],
    since: ['movements-told-once', 'ledger-packs-whole'],
  },
  {
    how: 'something else is told of a movement that is told among others: two events are the first of it',
    sql: [`${A_ROW} select 'evt_other', 'TransferRefused', id, 1, '{}', now() from transfers where ${inWindow('after-transfer')}`, COUNTED],
    full: ['ledger-packs-whole'],
    since: ['ledger-packs-whole'],
  },
  {
    how: 'a movement is told that never was',
    sql: [`${A_ROW} values ('evt_none', 'TransferPosted', 'trf_none', 1, '{}', now())`, COUNTED],
    full: ['movements-told-once'],
    since: ['movements-told-once'],
  },
  {
    how: 'a hold is told to have expired that is open',
    sql: [
      `${A_ROW} select 'evt_expired', 'HoldExpired', hold_id, 2, '{}', now() from open_holds join transfers on id = hold_id where ${inWindow('after-open')}`,
      `update aggregate_sequences set sequence = 2 where aggregate_id = (select aggregate_id from outbox where id = 'evt_expired')`,
    ],
    full: ['holds-told'],
    since: ['holds-told'],
  },
  {
    how: 'nobody is told that a hold was posted',
    sql: [
      `delete from outbox where type = 'HoldPosted' and aggregate_id = (select resolves from transfers where ${inWindow('after-part')})`,
      `update aggregate_sequences set sequence = 1 where aggregate_id = (select resolves from transfers where ${inWindow('after-part')})`,
    ],
    full: ['holds-told'],
    since: ['holds-told'],
  },
];
