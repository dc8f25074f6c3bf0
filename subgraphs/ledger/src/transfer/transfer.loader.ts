import type { Loader, RequestContext } from '@tessera/service-kit/graphql';
import { hasScope } from '@tessera/service-kit/identity';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { AccountEntity } from '../account/account.entity.ts';
import type { LedgerServices } from '../services.ts';
import { TransferEntity } from './transfer.entity.ts';
import { Transfer, type TransferStateName } from './transfer.type.ts';

const MAX_PER_CAUSE = 250;

/** A transfer that the viewer may see, by id; one of strangers is not there. */
export const visibleTransfer: Loader<Transfer, LedgerServices> = {
  name: 'visibleTransfer',
  batch: async (ids, context) => byId(await visible(await context.em.find(TransferEntity, { id: { $in: [...ids] } }), context)),
};

/** What reversed a transfer, by the id of the latter. */
export const reversalOf: Loader<Transfer, LedgerServices> = {
  name: 'reversalOf',
  batch: async (ids, context) => {
    const entities = await context.em.find(TransferEntity, { reverses: { $in: [...ids] }, state: 'POSTED' });
    const transfers = await visible(entities, context);
    return new Map(transfers.map((transfer) => [transfer.reversesId ?? '', transfer]));
  },
};

export const transfersOfOrder: Loader<Transfer[], LedgerServices> = {
  name: 'transfersOfOrder',
  batch: (ids, context) => byCause('orderId', ids, context),
};

export const transfersOfPayment: Loader<Transfer[], LedgerServices> = {
  name: 'transfersOfPayment',
  batch: (ids, context) => byCause('paymentId', ids, context),
};

/** Each fact once: a hold that was resolved is told by the row that resolved it, and what was refused is left out. */
async function byCause(
  cause: 'orderId' | 'paymentId',
  ids: readonly string[],
  context: RequestContext<LedgerServices>,
): Promise<Map<string, Transfer[]>> {
  const column = cause === 'orderId' ? 'order_id' : 'payment_id';
  const rows = await rawSql<{ id: string }>(
    context.em,
    `select id from (
       select t.id, t.created_at, row_number() over (partition by t.${column} order by t.created_at, t.id) as place
       from transfers t
       where t.${column} = any($1::text[]) and t.state <> 'REFUSED' and not exists (select from hold_resolutions r where r.hold_id = t.id)
         and ($3 or exists (select from accounts a where a.id in (t.debit_account_id, t.credit_account_id) and a.owner_id = $2))
     ) placed where place <= ${MAX_PER_CAUSE} order by created_at, id`,
    [ids, context.viewer.userId, hasScope(context.viewer, 'ledger:read')],
  );
  const found = byId(await visible(await context.em.find(TransferEntity, { id: { $in: rows.map(({ id }) => id) } }), context));
  const grouped = new Map<string, Transfer[]>();
  for (const { id } of rows) {
    const transfer = found.get(id);
    const key = transfer?.[cause];
    if (transfer && key) grouped.set(key, [...(grouped.get(key) ?? []), transfer]);
  }
  return grouped;
}

/** The ones that the viewer may see, with what became of those that are holds. */
async function visible(
  entities: readonly TransferEntity[],
  { em, viewer }: Pick<RequestContext<LedgerServices>, 'em' | 'viewer'>,
): Promise<Transfer[]> {
  return withResolutions(em, hasScope(viewer, 'ledger:read') ? entities : await ofOwner(em, entities, viewer.userId));
}

/** Transfers of which the caller knows already that the viewer may see them. */
export async function withResolutions(em: EntityManager, entities: readonly TransferEntity[]): Promise<Transfer[]> {
  const resolutions = await resolutionsOf(em, entities);
  return entities.map((entity) => new Transfer(entity, resolutions.get(entity.id) ?? null));
}

async function ofOwner(em: EntityManager, entities: readonly TransferEntity[], userId: string | null): Promise<TransferEntity[]> {
  if (!userId || entities.length === 0) return [];
  const ids = [...new Set(entities.flatMap(({ debitAccountId, creditAccountId }) => [debitAccountId, creditAccountId]))];
  const own = new Set((await em.find(AccountEntity, { id: { $in: ids }, ownerId: userId })).map(({ id }) => id));
  return entities.filter(({ debitAccountId, creditAccountId }) => own.has(debitAccountId) || own.has(creditAccountId));
}

async function resolutionsOf(em: EntityManager, entities: readonly TransferEntity[]): Promise<Map<string, TransferStateName>> {
  const holds = entities.filter(({ state }) => state === 'PENDING').map(({ id }) => id);
  if (holds.length === 0) return new Map();
  const resolving = await em.find(TransferEntity, { resolves: { $in: holds } });
  return new Map(resolving.map(({ resolves, state }) => [resolves ?? '', state]));
}

function byId(transfers: readonly Transfer[]): Map<string, Transfer> {
  return new Map(transfers.map((transfer) => [transfer.id, transfer]));
}
