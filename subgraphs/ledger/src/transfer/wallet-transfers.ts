import { sha256 } from '@tessera/service-kit/crypto';
import { ensure, TesseraError } from '@tessera/service-kit/errors';
import { Money } from '@tessera/service-kit/graphql';
import { type ConnectionArgs, decodeCursor, encodeCursor, type PageRequest, pageOf, pageRequest } from '@tessera/service-kit/pagination';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { LedgerContext } from '../services.ts';
import { TransferEntity } from './transfer.entity.ts';
import { visible } from './transfer.loader.ts';
import { TransferConnection, type TransferDirection, type TransferEdge, type TransferWhere } from './transfer-connection.type.ts';

const MAX_STATES = 5;
const FILTER_HASH_LENGTH = 16;

/** A movement seen from one wallet. */
interface SideRow {
  readonly id: string;
  readonly sequence: bigint;
  readonly direction: TransferDirection;
  readonly balanceMinor: bigint;
  readonly availableMinor: bigint;
  readonly counterpartyId: string;
}

/**
 * One page of a wallet's transfers, keyed by the wallet's own sequence, newest first. The wallet is one that the viewer may see, and so are
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
  const { em, cursorSecret } = context;
  const request = pageRequest(args);
  const filterHash = sha256(JSON.stringify([wallet.id, where]), 'base64url').slice(0, FILTER_HASH_LENGTH);
  const place = request.cursor ? decodeCursor(request.cursor, filterHash, cursorSecret) : null;
  const rows = await readSides(em, { walletId: wallet.id, where, request, from: place ? BigInt(String(place.sortKey[0])) : null });
  const page = pageOf(rows, request, {
    node: (row) => row,
    cursor: (row) => encodeCursor({ sortKey: [row.sequence], id: row.id, filterHash }, cursorSecret),
    countAll: () => countSides(em, wallet.id, where),
  });
  const entities = await em.find(TransferEntity, { id: { $in: page.edges.map(({ node }) => node.id) } });
  const transfers = new Map((await visible(entities, context)).map((transfer) => [transfer.id, transfer]));
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
  readonly from: bigint | null;
}

async function readSides(em: EntityManager, { walletId, where, request, from }: SideQuery): Promise<SideRow[]> {
  const [order, beyond] = request.isBackward ? ['asc', '>'] : ['desc', '<'];
  const sides = (['debit', 'credit'] as const).map(
    (
      side,
    ) => `(select id, ${side}_sequence as sequence, '${side}' as side, ${side}_balance_after as balance, ${side}_available_after as available,
        ${side === 'debit' ? 'credit' : 'debit'}_account_id as counterparty
      from transfers t where ${conditions(side)} and ($6::bigint is null or ${side}_sequence ${beyond} $6::bigint)
      order by ${side}_sequence ${order} limit ${request.size + 1})`,
  );
  const rows = await rawSql(
    em,
    `select * from (${sides.join(' union all ')}) both_sides order by sequence ${order} limit ${request.size + 1}`,
    [...parameters(walletId, where), from?.toString() ?? null],
  );
  return rows.map((row) => ({
    id: String(row.id),
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

/** $1 wallet, $2 direction, $3 states, $4 from, $5 before. */
function conditions(side: 'debit' | 'credit'): string {
  return `t.${side}_account_id = $1 and t.${side}_sequence is not null
    and not exists (select from transfers r where r.resolves = t.id)
    and ($2::text is null or $2::text = '${side === 'credit' ? 'IN' : 'OUT'}')
    and ($3::text[] is null or t.state = any($3::text[]))
    and ($4::timestamptz is null or t.created_at >= $4::timestamptz)
    and ($5::timestamptz is null or t.created_at < $5::timestamptz)`;
}

function parameters(walletId: string, { direction, state, createdFrom, createdBefore }: TransferWhere): unknown[] {
  return [walletId, direction ?? null, state ?? null, createdFrom?.toISOString() ?? null, createdBefore?.toISOString() ?? null];
}
