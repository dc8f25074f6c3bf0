import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { type EntityManager, rawSql, sqlState } from '@tessera/service-kit/persistence';
import { type PostRequest, post } from '../engine/index.ts';
import { undoable } from '../undoable.ts';
import { holdResolved } from './hold-events.ts';

const BATCH = 100;
/** How long a hold rests that could not be given back. */
const REST_SECONDS = 5;
/** Longer than a transaction of the engine takes; whoever keeps an account for longer is not waited for. */
const ACCOUNT_WAIT = '50ms';
const LOCK_NOT_AVAILABLE = '55P03';

/** Told of holds that could not be given back, and are tried again in a few seconds. */
export type OnStuck = (holdIds: readonly string[], error: unknown) => void;

/**
 * Gives back what is held past its deadline, by the database's clock. Replicas may run it at once: each skips what another has locked. What
 * fails together is not tried one by one while locks are held: those whose accounts somebody keeps rest, and the others go in a transaction
 * of their own; where no account is in the way, each is tried alone and rests if it fails.
 */
export async function expireHolds(unit: UnitOfWork, onStuck: OnStuck = () => undefined): Promise<boolean> {
  const due = await dueHolds(unit.em);
  if (due.length === 0) return false;
  const together = await undoable(unit, (inner) => giveBack(due, inner));
  if (together.isDone) return due.length === BATCH;
  const kept = await keptAccounts(due, unit.em);
  const stuck = due.filter(({ accounts }) => accounts.some((id) => kept.has(id)));
  if (stuck.length === 0) {
    for (const hold of due) if (!(await undoable(unit, (inner) => giveBack([hold], inner))).isDone) stuck.push(hold);
  }
  await rest(stuck, unit.em);
  if (stuck.length > 0)
    onStuck(
      stuck.map(({ id }) => id),
      together.error,
    );
  return true;
}

type DueHold = {
  readonly id: string;
  readonly fact_key: string;
  readonly order_id: string | null;
  readonly payment_id: string | null;
  readonly accounts: readonly string[];
};

/** Locked until the commit. */
function dueHolds(em: EntityManager): Promise<DueHold[]> {
  return rawSql<DueHold>(
    em,
    `select h.id, h.fact_key, h.order_id, h.payment_id, array[h.debit_account_id, h.credit_account_id] as accounts
     from open_holds o join transfers h on h.id = o.hold_id
     where o.expires_at <= clock_timestamp() and (o.retry_at is null or o.retry_at <= clock_timestamp())
     order by o.expires_at, o.hold_id limit ${BATCH} for update of o skip locked`,
  );
}

/** The fact key of the event is that of the request for the hold, because no command asked for the expiry. */
async function giveBack(due: readonly DueHold[], { em, publish }: UnitOfWork): Promise<void> {
  const outcomes = await post(em, due.map(requestOf));
  for (const [index, outcome] of outcomes.entries()) {
    const factKey = due[index]?.fact_key ?? '';
    if (outcome.kind === 'POSTED') for (const transfer of outcome.transfers) publish(holdResolved({ ...transfer, factKey }));
  }
}

function requestOf({ id, order_id: orderId, payment_id: paymentId }: DueHold): PostRequest {
  const legs = [{ kind: 'EXPIRE', holdId: id }] as const;
  return { scope: 'service:ledger/expire', key: id, legs, orderId, paymentId, actor: 'service:ledger', traceparent: null };
}

async function keptAccounts(due: readonly DueHold[], em: EntityManager): Promise<Set<string>> {
  const kept = new Set<string>();
  for (const id of new Set(due.flatMap(({ accounts }) => accounts))) if (await isKept(id, em)) kept.add(id);
  return kept;
}

/** Whether an account cannot be had now. It is given free again at once: nobody waits for us while we wait for the next. */
async function isKept(accountId: string, em: EntityManager): Promise<boolean> {
  await rawSql(em, 'savepoint look');
  try {
    await rawSql(em, `set local lock_timeout = '${ACCOUNT_WAIT}'`);
    await rawSql(em, 'select from accounts where id = $1 for no key update', [accountId]);
    return false;
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    return true;
  } finally {
    await rawSql(em, 'rollback to savepoint look');
  }
}

async function rest(holds: readonly DueHold[], em: EntityManager): Promise<void> {
  await rawSql(
    em,
    `update open_holds set retry_at = clock_timestamp() + interval '${REST_SECONDS} seconds' where hold_id = any($1::text[])`,
    [holds.map(({ id }) => id)],
  );
}
