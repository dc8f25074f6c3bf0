import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { accountName } from '../account/account-name.ts';
import type { AccountKind } from '../engine/index.ts';
import { sqlInstant } from '../sql-instant.ts';
import { type TransferCode, transferCode } from '../transfer/transfer.ts';
import { lastSideBefore } from '../wallet/balance-at.ts';
import type { StatementRange } from './statement-range.ts';

/**
 * What a statement covers: the wallet's own sequence numbers after `openingSequence` up to `closingSequence`. Along an account sequence, time
 * and commit have one order, so whatever is read between these numbers adds up, however much has been committed since.
 */
export interface StatementBounds {
  readonly walletId: string;
  readonly startsAt: Date;
  readonly endsBefore: Date;
  readonly openingSequence: bigint;
  readonly openingMinor: bigint;
  readonly closingSequence: bigint;
  readonly closingMinor: bigint;
}

export interface StatementTotals {
  readonly inMinor: bigint;
  readonly outMinor: bigint;
}

/** One movement that changed the balance. */
export interface StatementRow {
  readonly transferId: string;
  readonly createdAt: Date;
  readonly sequence: bigint;
  readonly code: TransferCode;
  readonly note: string | null;
  readonly counterparty: string;
  /** Below zero where money went out. */
  readonly amountMinor: bigint;
  readonly balanceMinor: bigint;
}

/** A place along the wallet. */
export interface StatementPlace {
  readonly createdAt: Date;
  readonly sequence: bigint;
}

const MILLISECOND = 1;

const BOUNDS = `
  select coalesce(o.sequence, 0)::text as opening_sequence, coalesce(o.balance, 0)::text as opening,
         coalesce(c.sequence, 0)::text as closing_sequence, coalesce(c.balance, 0)::text as closing
  from (values (true)) one left join lateral (${lastSideBefore('$2')}) o on true left join lateral (${lastSideBefore('$3')}) c on true`;

/** Four looks into an index, in one snapshot, whatever the length of the history. */
export async function readBounds(em: EntityManager, walletId: string, { startsAt, endsBefore }: StatementRange): Promise<StatementBounds> {
  const [row] = await rawSql<Record<'opening_sequence' | 'opening' | 'closing_sequence' | 'closing', string>>(em, BOUNDS, [
    walletId,
    sqlInstant(startsAt),
    sqlInstant(endsBefore),
  ]);
  return {
    ...{ walletId, startsAt, endsBefore },
    openingSequence: BigInt(row?.opening_sequence ?? 0),
    openingMinor: BigInt(row?.opening ?? 0),
    closingSequence: BigInt(row?.closing_sequence ?? 0),
    closingMinor: BigInt(row?.closing ?? 0),
  };
}

/** $1 wallet, $2 and $3 time, $4 and $5 sequence. Holds move nothing: only what was posted is told. */
const covered = (side: 'debit' | 'credit') => `
  from transfers where ${side}_account_id = $1 and ${side}_sequence is not null and state = 'POSTED'
    and created_at >= $2::timestamptz and created_at < $3::timestamptz and ${side}_sequence > $4::bigint and ${side}_sequence <= $5::bigint`;

const totalOf = (side: 'debit' | 'credit') => `(select coalesce(sum(amount_minor), 0)::text ${covered(side)})`;

/** Goes through all lines: read only when asked for. */
export async function readTotals(em: EntityManager, bounds: StatementBounds): Promise<StatementTotals> {
  const text = `select ${totalOf('credit')} as total_in, ${totalOf('debit')} as total_out`;
  const [row] = await rawSql<{ total_in: string; total_out: string }>(em, text, parametersOf(bounds));
  return { inMinor: BigInt(row?.total_in ?? 0), outMinor: BigInt(row?.total_out ?? 0) };
}

export async function countRows(em: EntityManager, bounds: StatementBounds): Promise<number> {
  const text = `select (select count(*) ${covered('credit')}) + (select count(*) ${covered('debit')}) as total`;
  const [row] = await rawSql<{ total: string }>(em, text, parametersOf(bounds));
  return Number(row?.total ?? 0);
}

/** Up to `limit` lines after a place, oldest first, or before one, newest first. */
export async function readRows(
  em: EntityManager,
  bounds: StatementBounds,
  { from, isBackward = false, limit }: { readonly from: StatementPlace | null; readonly isBackward?: boolean; readonly limit: number },
): Promise<StatementRow[]> {
  const order = isBackward ? 'desc' : 'asc';
  const sides = (['debit', 'credit'] as const).map(
    (
      side,
    ) => `(select id, created_at, ${side}_sequence as sequence, '${side}' as side, amount_minor, ${side}_balance_after as balance, code, note,
        ${side === 'debit' ? 'credit' : 'debit'}_account_id as counterparty_id ${covered(side)}
      order by created_at ${order}, ${side}_sequence ${order} limit ${limit})`,
  );
  const rows = await rawSql(
    em,
    `select s.*, c.kind, r.display_name
     from (select * from (${sides.join(' union all ')}) both_sides order by sequence ${order} limit ${limit}) s
     join accounts c on c.id = s.counterparty_id left join recipients r on r.user_id = c.owner_id
     order by s.sequence ${order}`,
    parametersOf(from ? beyond(bounds, from, isBackward) : bounds),
  );
  return rows.map(toRow);
}

function beyond(bounds: StatementBounds, { createdAt, sequence }: StatementPlace, isBackward: boolean): StatementBounds {
  if (!isBackward) return { ...bounds, startsAt: createdAt, openingSequence: sequence };
  return { ...bounds, endsBefore: new Date(createdAt.getTime() + MILLISECOND), closingSequence: sequence - 1n };
}

function parametersOf({ walletId, startsAt, endsBefore, openingSequence, closingSequence }: StatementBounds): unknown[] {
  return [walletId, sqlInstant(startsAt), sqlInstant(endsBefore), openingSequence.toString(), closingSequence.toString()];
}

function toRow(row: Readonly<Record<string, unknown>>): StatementRow {
  const amountMinor = BigInt(String(row.amount_minor));
  return {
    transferId: String(row.id),
    createdAt: new Date(String(row.created_at)),
    sequence: BigInt(String(row.sequence)),
    code: transferCode(String(row.code)),
    note: row.note === null ? null : String(row.note),
    counterparty: accountName(row.kind as AccountKind, row.display_name === null ? null : String(row.display_name)), // held by a check of the table
    amountMinor: row.side === 'credit' ? amountMinor : -amountMinor,
    balanceMinor: BigInt(String(row.balance)),
  };
}
