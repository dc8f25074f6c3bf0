import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import { actOfEvent } from '../cause.ts';
import { type HistoryKind, moneyNote, recordHistory } from './history.ts';
import { lockPaidOrder } from './order.load.ts';

/** The customer asks their bank for the money. Nothing is to be done here: payments answers the bank, and books the outcome. */
export async function onDisputeOpened(event: ReceivedEvent<'DisputeOpened'>, unit: UnitOfWork): Promise<void> {
  await recordDispute(event, unit, 'DISPUTE_OPENED', null);
}

export async function onDisputeClosed(event: ReceivedEvent<'DisputeClosed'>, unit: UnitOfWork): Promise<void> {
  const { outcome } = event.payload;
  await recordDispute(event, unit, outcome === 'WON' ? 'DISPUTE_WON' : 'DISPUTE_LOST', outcome);
}

/** Opening and end of a dispute count once each; an opening that is told after the end is old news. */
async function recordDispute(
  event: ReceivedEvent<'DisputeOpened' | 'DisputeClosed'>,
  unit: UnitOfWork,
  kind: HistoryKind,
  outcome: 'WON' | 'LOST' | null,
): Promise<void> {
  const act = actOfEvent(event, unit);
  const { disputeId, disputed } = event.payload;
  const order = await lockPaidOrder(act.em, event.payload);
  const counted = await rawSql(
    act.em,
    `insert into order_disputes as d (dispute_id, order_id, amount_minor, outcome, at) values ($1, $2, $3, $4, $5)
     on conflict (dispute_id) do update set outcome = excluded.outcome where d.outcome is null and excluded.outcome is not null
     returning dispute_id`,
    [disputeId, order.id, disputed.minor, outcome, act.now],
  );
  if (counted.length > 0) await recordHistory(act, order, kind, moneyNote(disputed));
}
