import { ensure } from '@tessera/service-kit/errors';
import { type EntityManager, type Prepared, rawSql } from '@tessera/service-kit/persistence';
import { waitMs } from '../recipient/recipient.ts';
import { coalesced } from './coalesce.ts';

const MAX_BATCH = 1_000;

/** Who is asked about: exactly one of wallet, e-mail key and handle key. */
export interface AskedParties {
  readonly senderId: string;
  readonly fromWalletId: string;
  readonly currency: string;
  readonly toWalletId: string | null;
  readonly emailKey: string | null;
  readonly handleKey: string | null;
  readonly now: Date;
}

export interface Parties {
  /** The wallet that pays, if it is the sender's. */
  readonly from: { readonly id: string; readonly currency: string; readonly isClosed: boolean } | null;
  /** The wallet that receives; null while there is none. */
  readonly toWalletId: string | null;
  /** The user that the directory knows by e-mail or handle; null where nobody is named, or two are for a moment. */
  readonly toUserId: string | null;
  /** How long the sender has to wait after too many misses. */
  readonly waitMs: number;
}

export type FindParties = (asked: AskedParties) => Promise<Parties>;
/** One statement for all; at most 1,000. */
export type FindPartiesOfBatch = (asked: readonly AskedParties[]) => Promise<Parties[]>;

/** Looks senders and recipients up, many at a time. What it finds may change before the engine locks it: the engine decides. */
export function createFindParties(em: EntityManager): FindParties {
  return coalesced((asked) => lookUp(em.fork(), asked), { maxBatch: MAX_BATCH });
}

export function createFindPartiesOfBatch(em: EntityManager): FindPartiesOfBatch {
  return (asked) => lookUp(em.fork(), asked);
}

const COLUMNS = ['senderId', 'fromWalletId', 'currency', 'toWalletId', 'emailKey', 'handleKey'] as const;

/** A wallet is asked for by its owner: `is true` keeps a planner that knows little of the table from reading all wallets of the currency instead. */
const LOOK_UP: Prepared = {
  name: 'parties',
  text: `
  select a.place::int, f.id as from_id, f.currency as from_currency, f.is_closed as from_is_closed, u.user_id, coalesce(t.id, r.id) as to_id,
         floor(extract(epoch from m.window_started_at) * 1000)::bigint as started_ms, m.misses
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    with ordinality as a (sender_id, from_id, currency, to_id, email_key, handle_key, place)
  left join accounts f on f.id = a.from_id and f.owner_id = a.sender_id and f.kind = 'WALLET'
  left join accounts t on t.id = a.to_id and t.kind = 'WALLET'
  left join lateral (
    select min(user_id) as user_id from (
      select user_id from recipients d where d.email_key = a.email_key
      union all select user_id from recipients d where d.handle_key = a.handle_key limit 2) named having count(*) = 1) u on true
  left join lateral (
    select id from accounts w where w.owner_id = u.user_id and w.currency = a.currency and (w.kind = 'WALLET') is true and not w.is_closed
    order by w.is_default desc, w.id limit 1) r on true
  left join recipient_misses m on m.sender_id = a.sender_id`,
};

type Row = {
  readonly place: number;
  readonly from_id: string | null;
  readonly from_currency: string | null;
  readonly from_is_closed: boolean | null;
  readonly user_id: string | null;
  readonly to_id: string | null;
  readonly started_ms: string | null;
  readonly misses: number | null;
};

/** In the transaction of `em`, if it is in one. */
export async function lookUp(em: EntityManager, asked: readonly AskedParties[]): Promise<Parties[]> {
  const rows = await rawSql<Row>(
    em,
    LOOK_UP,
    COLUMNS.map((column) => asked.map((each) => each[column])),
  );
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  return asked.map(({ now }, at) => partiesOf(ensure(byPlace.get(at + 1), 'what was found of the parties'), now));
}

function partiesOf(row: Row, now: Date): Parties {
  const from = row.from_id ? { id: row.from_id, currency: row.from_currency ?? '', isClosed: row.from_is_closed === true } : null;
  const window = row.misses === null ? null : { startedAt: new Date(Number(row.started_ms)), misses: row.misses };
  return { from, toWalletId: row.to_id, toUserId: row.user_id, waitMs: waitMs(window, now) };
}
