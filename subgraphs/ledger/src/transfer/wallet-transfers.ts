import { sha256 } from '@tessera/service-kit/crypto';
import { ensure, TesseraError } from '@tessera/service-kit/errors';
import { Money } from '@tessera/service-kit/graphql';
import { type ConnectionArgs, decodeCursor, encodeCursor, type PageRequest, pageOf, pageRequest } from '@tessera/service-kit/pagination';
import { type EntityManager, type Prepared, rawSql } from '@tessera/service-kit/persistence';
import type { LedgerContext } from '../services.ts';
import { TransferEntity } from './transfer.entity.ts';
import { withResolutions } from './transfer.loader.ts';
import { TransferConnection, type TransferDirection, type TransferEdge, type TransferWhere } from './transfer-connection.type.ts';

const MAX_STATES = 5;
const FILTER_HASH_LENGTH = 16;

/** A movement seen from one wallet. */
interface SideRow {
  readonly id: string;
  readonly transfer: TransferEntity;
  readonly createdAt: string;
  readonly sequence: bigint;
  readonly direction: TransferDirection;
  readonly balanceMinor: bigint;
  readonly availableMinor: bigint;
  readonly counterpartyId: string;
}

/**
 * One page of a wallet's transfers, newest first, by time and the wallet's own sequence: along an account time never runs backwards, so both
 * say the same, and the time leads to the right partition. The wallet is one that the viewer may see, and so are
 * its transfers. Each fact once: a resolved hold is left out in favour of the row that resolved it.
 */
export async function walletTransfers(
  wallet: { readonly id: string; readonly currency: string },
  where: TransferWhere,
  args: ConnectionArgs,
  context: LedgerContext,
): Promise<TransferConnection> {
  if ((where.state?.length ?? 0) > MAX_STATES)
    throw new TesseraError('BAD_USER_INPUT', `where.state takes at most ${MAX_STATES} states.`, { path: ['where', 'state'] });
  const { services, cursorSecret } = context;
  const request = pageRequest(args);
  const filterHash = sha256(JSON.stringify([wallet.id, where]), 'base64url').slice(0, FILTER_HASH_LENGTH);
  const place = request.cursor ? decodeCursor(request.cursor, filterHash, cursorSecret) : null;
  const from = place ? placeOf(place.sortKey) : null;
  const { rows, transfers } = await services.reads.run(async (em) => {
    const read = await readSides(em, { walletId: wallet.id, where, request, from });
    const seen = await withResolutions(
      em,
      read.map(({ transfer }) => transfer),
    );
    return { rows: read, transfers: new Map(seen.map((transfer) => [transfer.id, transfer])) };
  });
  const page = pageOf(rows, request, {
    node: (row) => row,
    cursor: (row) => encodeCursor({ sortKey: [row.createdAt, row.sequence], id: row.id, filterHash }, cursorSecret),
    countAll: () => services.reads.run((em) => countSides(em, wallet.id, where)),
  });
  const edges = page.edges.map(
    ({ node, cursor }): TransferEdge => ({
      node: ensure(transfers.get(node.id), 'a transfer of a visible wallet'),
      cursor,
      direction: node.direction,
      balanceAfter: new Money(wallet.currency, node.balanceMinor),
      availableAfter: new Money(wallet.currency, node.availableMinor),
      sequence: Number(node.sequence),
      counterpartyId: node.counterpartyId,
    }),
  );
  return new TransferConnection(page, edges);
}

interface SideQuery {
  readonly walletId: string;
  readonly where: TransferWhere;
  readonly request: PageRequest;
  readonly from: Place | null;
}

interface Place {
  readonly createdAt: string;
  readonly sequence: bigint;
}

function placeOf([createdAt, sequence]: readonly unknown[]): Place {
  if (sequence === undefined) throw new TesseraError('BAD_USER_INPUT', 'The cursor is of another list.', { path: ['after'] });
  return { createdAt: String(createdAt), sequence: BigInt(String(sequence)) };
}

async function readSides(em: EntityManager, { walletId, where, request, from }: SideQuery): Promise<SideRow[]> {
  const columns = em.getMetadata(TransferEntity).props.flatMap(({ fieldNames }) => fieldNames);
  const rows = await rawSql(em, pageStatement(columns, where, request, from !== null), [
    walletId,
    ...filtersOf(where).map(({ value }) => value),
    ...(from ? [from.createdAt, from.sequence.toString()] : []),
  ]);
  return rows.slice(0, request.size + 1).map((row) => {
    const transfer = em.map(TransferEntity, Object.fromEntries(columns.map((column) => [column, row[column]])));
    const isCredit = row.side === 'credit';
    return {
      id: String(row.id),
      transfer,
      createdAt: new Date(String(row.created_at)).toISOString(),
      sequence: BigInt(String(row.sequence)),
      direction: isCredit ? 'IN' : 'OUT',
      balanceMinor: BigInt(String(row.balance)),
      availableMinor: BigInt(String(row.available)),
      counterpartyId: isCredit ? transfer.debitAccountId : transfer.creditAccountId,
    };
  });
}

/** Rows that are asked for: one of few numbers, so that there are few statements. */
const LIMITS = [21, 51, 101];

/**
 * Planned once per connection: to plan it takes ten times as long as to run it, and the more partitions there are the longer. So that PostgreSQL
 * keeps the plan, a filter that is not asked for is not in the text either.
 */
function pageStatement(columns: readonly string[], where: TransferWhere, { isBackward, size }: PageRequest, isAfter: boolean): Prepared {
  const [order, beyond, within] = isBackward ? ['asc', '>', '>='] : ['desc', '<', '<='];
  const limit = LIMITS.find((each) => each > size) ?? size + 1;
  const filters = filtersOf(where);
  const place = filters.length + 2;
  // Said twice: the bound on the time alone leads to the partitions.
  const after = (side: Side): string =>
    isAfter
      ? `and created_at ${within} $${place}::timestamptz and (created_at, ${side}_sequence) ${beyond} ($${place}::timestamptz, $${place + 1}::bigint)`
      : '';
  const sides = sidesOf(where).map(
    (
      side,
    ) => `(select ${columns.join(', ')}, '${side}' as side, ${side}_sequence as sequence, ${side}_balance_after as balance, ${side}_available_after as available
      from transfers t where ${conditions(side, filters)} ${after(side)} order by created_at ${order}, ${side}_sequence ${order} limit ${limit})`,
  );
  const text = `select * from (${sides.join(' union all ')}) both_sides order by created_at ${order}, sequence ${order} limit ${limit}`;
  return { name: `wallet_transfers_${sha256(text, 'base64url').slice(0, FILTER_HASH_LENGTH)}`, text };
}

async function countSides(em: EntityManager, walletId: string, where: TransferWhere): Promise<number> {
  const filters = filtersOf(where);
  const counts = sidesOf(where).map((side) => `(select count(*) from transfers t where ${conditions(side, filters)})`);
  const [row] = await rawSql<{ total: string }>(em, `select ${counts.join(' + ')} as total`, [
    walletId,
    ...filters.map(({ value }) => value),
  ]);
  return Number(row?.total ?? 0);
}

type Side = 'debit' | 'credit';

function sidesOf({ direction }: TransferWhere): readonly Side[] {
  if (direction) return direction === 'IN' ? ['credit'] : ['debit'];
  return ['debit', 'credit'];
}

interface Filter {
  readonly value: unknown;
  readonly sql: (parameter: string) => string;
}

function filtersOf({ state, createdFrom, createdBefore }: TransferWhere): Filter[] {
  return [
    ...(state ? [{ value: state, sql: (parameter: string) => `t.state = any(${parameter}::text[])` }] : []),
    ...(createdFrom ? [{ value: createdFrom.toISOString(), sql: (parameter: string) => `t.created_at >= ${parameter}::timestamptz` }] : []),
    ...(createdBefore
      ? [{ value: createdBefore.toISOString(), sql: (parameter: string) => `t.created_at < ${parameter}::timestamptz` }]
      : []),
  ];
}

/** $1 wallet, then the filters. A scalar look-up per hold: an EXISTS may be planned as a hash of all resolutions. */
function conditions(side: Side, filters: readonly Filter[]): string {
  return [
    `t.${side}_account_id = $1 and t.${side}_sequence is not null`,
    `(t.state <> 'PENDING' or (select r.hold_id from hold_resolutions r where r.hold_id = t.id) is null)`,
    ...filters.map(({ sql }, at) => sql(`$${at + 2}`)),
  ].join(' and ');
}
