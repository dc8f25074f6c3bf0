import { sha256 } from '@tessera/service-kit/crypto';
import { ensure, TesseraError } from '@tessera/service-kit/errors';
import { Money } from '@tessera/service-kit/graphql';
import { type ConnectionArgs, decodeCursor, encodeCursor, type PageRequest, pageOf, pageRequest } from '@tessera/service-kit/pagination';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { LedgerContext } from '../services.ts';
import { TransferEntity } from './transfer.entity.ts';
import { withResolutions } from './transfer.loader.ts';
import { TransferConnection, type TransferDirection, type TransferEdge, type TransferWhere } from './transfer-connection.type.ts';

const MAX_STATES = 5;
const FILTER_HASH_LENGTH = 16;

/** A movement seen from one wallet. */
interface SideRow {
  readonly id: string;
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
    const entities = await em.find(TransferEntity, { id: { $in: read.map(({ id }) => id) } });
    const seen = await withResolutions(em, entities);
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
  const [order, beyond] = request.isBackward ? ['asc', '>'] : ['desc', '<'];
  const sides = (['debit', 'credit'] as const).map(
    (
      side,
    ) => `(select id, created_at, ${side}_sequence as sequence, '${side}' as side, ${side}_balance_after as balance, ${side}_available_after as available,
        ${side === 'debit' ? 'credit' : 'debit'}_account_id as counterparty
      from transfers t where ${conditions(side)} ${from ? `and (created_at, ${side}_sequence) ${beyond} ($6::timestamptz, $7::bigint)` : ''}
      order by created_at ${order}, ${side}_sequence ${order} limit ${request.size + 1})`,
  );
  const rows = await rawSql(
    em,
    `select * from (${sides.join(' union all ')}) both_sides order by created_at ${order}, sequence ${order} limit ${request.size + 1}`,
    [...parameters(walletId, where), ...(from ? [from.createdAt, from.sequence.toString()] : [])],
  );
  return rows.map((row) => ({
    id: String(row.id),
    createdAt: new Date(String(row.created_at)).toISOString(),
    sequence: BigInt(String(row.sequence)),
    direction: row.side === 'credit' ? 'IN' : 'OUT',
    balanceMinor: BigInt(String(row.balance)),
    availableMinor: BigInt(String(row.available)),
    counterpartyId: String(row.counterparty),
  }));
}

async function countSides(em: EntityManager, walletId: string, where: TransferWhere): Promise<number> {
  const counts = (['debit', 'credit'] as const).map((side) => `(select count(*) from transfers t where ${conditions(side)})`);
  const [row] = await rawSql<{ total: string }>(em, `select ${counts.join(' + ')} as total`, parameters(walletId, where));
  return Number(row?.total ?? 0);
}

/** $1 wallet, $2 direction, $3 states, $4 from, $5 before. A scalar look-up per hold: an EXISTS may be planned as a hash of all resolutions. */
function conditions(side: 'debit' | 'credit'): string {
  return `t.${side}_account_id = $1 and t.${side}_sequence is not null
    and (t.state <> 'PENDING' or (select r.hold_id from hold_resolutions r where r.hold_id = t.id) is null)
    and ($2::text is null or $2::text = '${side === 'credit' ? 'IN' : 'OUT'}')
    and ($3::text[] is null or t.state = any($3::text[]))
    and ($4::timestamptz is null or t.created_at >= $4::timestamptz)
    and ($5::timestamptz is null or t.created_at < $5::timestamptz)`;
}

function parameters(walletId: string, { direction, state, createdFrom, createdBefore }: TransferWhere): unknown[] {
  return [walletId, direction ?? null, state ?? null, createdFrom?.toISOString() ?? null, createdBefore?.toISOString() ?? null];
}
