import type { Loader } from '@tessera/service-kit/graphql';
import { rawSql } from '@tessera/service-kit/persistence';
import type { OrdersServices } from '../services.ts';
import { isCompensation, STEP_NAMES, type StepName, type StepState } from './saga.ts';

export interface TimelineEntry {
  readonly name: StepName;
  readonly state: StepState;
  readonly attempts: number;
  readonly isCompensation: boolean;
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
  readonly note: string | null;
  readonly traceId: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

/**
 * Refunds that the order's own step did not ask for, as if they were steps; one that the bank sent back has failed after all. Payments makes at
 * most 100 refunds of a payment.
 */
const BY_OTHERS = `
  select r.order_id, 'REFUND_PAYMENT' as name, case when r.returned_at is null then 'DONE' else 'FAILED' end as state, 1 as attempts,
    r.amount_minor, o.currency,
    case when r.is_stray then 'charged twice' else 'by an operator' || coalesce(': ' || r.reason, '') end
      || case when r.returned_at is null then '' else ' (sent back by the bank)' end as note,
    null as trace_id, r.at as started_at, coalesce(r.returned_at, r.at) as finished_at, r.refund_id
  from order_refunds r join orders o on o.id = r.order_id
  where r.order_id = any($1::text[]) and not exists (
    select from saga_steps s
    where s.order_id = r.order_id and s.name = 'REFUND_PAYMENT' and s.command -> 'payload' ->> 'refundId' = r.refund_id)`;

/** Of orders that the viewer has been allowed to see whole: their steps, and refunds beside them. */
export const timelineOfOrder: Loader<readonly TimelineEntry[], OrdersServices> = {
  name: 'timelineOfOrder',
  batch: async (ids, { em }) => {
    const rows = await rawSql<TimelineRow>(
      em,
      `select * from (
         select order_id, name, state, attempts, amount_minor, currency, note, trace_id, started_at, finished_at, '' as refund_id
         from saga_steps where order_id = any($1::text[])
         union all ${BY_OTHERS}
       ) entries order by started_at, array_position($2::text[], name), refund_id`,
      [ids, STEP_NAMES],
    );
    const entriesOf = Map.groupBy(rows, (row) => row.order_id);
    return new Map([...entriesOf].map(([id, entries]) => [id, entries.map(toEntry)]));
  },
};

function toEntry(row: TimelineRow): TimelineEntry {
  return {
    name: row.name,
    state: row.state,
    attempts: row.attempts,
    isCompensation: isCompensation(row.name),
    amountMinor: row.amount_minor === null ? null : BigInt(row.amount_minor),
    currency: row.currency,
    note: row.note,
    traceId: row.trace_id,
    startedAt: new Date(row.started_at),
    finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
  };
}

type TimelineRow = {
  readonly order_id: string;
  readonly name: StepName;
  readonly state: StepState;
  readonly attempts: number;
  readonly amount_minor: string | null;
  readonly currency: string | null;
  readonly note: string | null;
  readonly trace_id: string | null;
  readonly started_at: string;
  readonly finished_at: string | null;
};
