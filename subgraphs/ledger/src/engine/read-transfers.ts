import type { EntityManager } from '@tessera/service-kit/persistence';
import type { PostedTransfer, TransferSide } from './request.ts';
import { big, instant, type Sql, type Statement, sqlOf } from './sql.ts';

/** By name: a migration adds columns while connections keep their plans, and a plan may not change what it answers. */
const COLUMNS = [
  ...['id', 'fact_key', 'linked_group', 'debit_account_id', 'credit_account_id', 'amount_minor', 'currency', 'state', 'code', 'note'],
  ...[
    'debit_sequence',
    'credit_sequence',
    'debit_balance_after',
    'credit_balance_after',
    'debit_available_after',
    'credit_available_after',
  ],
  ...['expires_at', 'resolves', 'released_minor', 'reverses', 'order_id', 'payment_id', 'created_at'],
].map((column) => `t.${column}`);
const SELECT = `
  select ${COLUMNS.join(', ')}, d.address as debit_address, c.address as credit_address,
         case d.kind when 'WALLET' then d.owner_id end as debit_owner_id, case c.kind when 'WALLET' then c.owner_id end as credit_owner_id
  from transfers t join accounts d on d.id = t.debit_account_id join accounts c on c.id = t.credit_account_id`;
const BY_ID: Statement = { name: 'transfers_by_id', text: `${SELECT} where t.id = any($1::text[]) and t.state <> 'REFUSED'` };
const RESOLUTION: Statement = { name: 'resolution', text: `${SELECT} where t.resolves = $1` };

/** Transfers that moved or hold something, by id, as they were when they happened. Refused ones are left out. */
export async function readTransfers(sql: Sql, ids: readonly string[]): Promise<Map<string, PostedTransfer>> {
  if (ids.length === 0) return new Map();
  const rows = await sql.query(BY_ID, [ids]);
  return new Map(rows.map((row) => [String(row.id), toTransfer(row)]));
}

/** What became of a hold: the row that resolves it, or null while it is open. */
export async function readResolution(em: EntityManager, holdId: string): Promise<PostedTransfer | null> {
  const [row] = await sqlOf(em).query(RESOLUTION, [holdId]);
  return row ? toTransfer(row) : null;
}

type Row = Readonly<Record<string, unknown>>;

function toTransfer(row: Row): PostedTransfer {
  return {
    id: String(row.id),
    factKey: String(row.fact_key),
    linkedGroup: text(row.linked_group),
    debit: sideOf(row, 'debit'),
    credit: sideOf(row, 'credit'),
    amountMinor: big(row.amount_minor),
    currency: String(row.currency),
    state: row.state as PostedTransfer['state'], // held by a check of the table; REFUSED is filtered out
    code: String(row.code),
    note: text(row.note),
    expiresAt: row.expires_at === null ? null : instant(row.expires_at),
    resolves: text(row.resolves),
    releasedMinor: row.resolves === null ? null : big(row.released_minor ?? row.amount_minor),
    reverses: text(row.reverses),
    orderId: text(row.order_id),
    paymentId: text(row.payment_id),
    createdAt: instant(row.created_at),
  };
}

function sideOf(row: Row, side: 'debit' | 'credit'): TransferSide {
  return {
    accountId: String(row[`${side}_account_id`]),
    address: text(row[`${side}_address`]),
    walletOwnerId: text(row[`${side}_owner_id`]),
    sequence: big(row[`${side}_sequence`]),
    balanceMinor: big(row[`${side}_balance_after`]),
    availableMinor: big(row[`${side}_available_after`]),
  };
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
