import { type Check, ledgerCheck } from './check.ts';
import { toldWithin, unpacked } from './outbox-checks.ts';
import { type Window, within } from './window.ts';

/** Money that moved and was not set aside before: the others hear of it once. Holds have events of their own. */
const MOVED = `state = 'POSTED' and resolves is null`;
const ALONE = `o.type = 'TransferPosted' and o.packed is null`;
const AMONG_OTHERS = `o.type = 'TransferPosted' and o.packed is not null`;
/** By the ids of the transfers. Not by the view of all events, which would make each of them whole. */
const TOLD = `
  select o.aggregate_id as id from outbox o where ${ALONE}
  union all
  select e.aggregate_id from outbox o cross join lateral ${unpacked} e where ${AMONG_OTHERS}`;

/** Which event tells what a row of the books did to a hold, and of which hold. */
const HOLD_STEP = `coalesce(resolves, id) as hold_id, case when resolves is null then 'HoldPlaced' else 'Hold' || initcap(state) end as type`;
const OF_HOLDS = `(state = 'PENDING' or resolves is not null)`;

/** What the others are told is what happened: the outbox against the books. Refusals change nothing and are not looked at. */
export const ledgerToldChecks: readonly Check[] = [
  ledgerCheck({
    invariant: 'I10',
    id: 'movements-told-once',
    title: 'every movement is told once, and none that is not there',
    sql: (window) => (window ? newMovements(window) : MOVEMENTS),
    gate: (seed) => `
      select t.count = e.count and t.sum is not distinct from e.sum as holds
      from (select count(*) as count, sum(hashtextextended(id, ${seed})) as sum from transfers where ${MOVED}) t,
           (select count(*) as count, sum(hashtextextended(id, ${seed})) as sum from (${TOLD}) told) e`,
  }),
  ledgerCheck({
    invariant: 'I10',
    id: 'holds-told',
    title: 'every step of a hold is told, and none that it did not take; as an answer to whoever asks again, it may be told again',
    sql: (window) => `
      select format('%s of hold %s is not told', type, hold_id) as violation
      from (select ${HOLD_STEP} from transfers where ${OF_HOLDS} and ${within(window)}) step
      where not exists (select from outbox o where o.aggregate_id = step.hold_id and o.type = step.type and o.packed is null)
      union all
      select format('%s of hold %s is told and did not happen', o.type, o.aggregate_id)
      from outbox o where o.type in ('HoldPlaced', 'HoldPosted', 'HoldVoided', 'HoldExpired') and ${toldWithin(window)} and not case o.type
        when 'HoldPlaced' then exists (select from transfers where id = o.aggregate_id and state = 'PENDING')
        else exists (select from transfers where resolves = o.aggregate_id and o.type = 'Hold' || initcap(state)) end`,
  }),
];

const MOVEMENTS = `
  select format('movement %s is told %s times', coalesce(t.id, e.id), coalesce(e.count, 0)) as violation
  from (select id from transfers where ${MOVED}) t
  full join (select id, count(*) as count from (${TOLD}) told group by id) e on e.id = t.id
  where t.id is null or e.count is distinct from 1`;

/** A row of several movements has the time of their transfers, others are found by their aggregate. */
function newMovements(window: Window): string {
  return `
    with told as (
      select e.aggregate_id as id from outbox o cross join lateral ${unpacked} e where ${AMONG_OTHERS} and ${toldWithin(window)}
      union all
      select t.id from transfers t join outbox o on o.aggregate_id = t.id and ${ALONE} where ${MOVED} and ${within(window, 't.')}
    )
    select format('movement %s is told %s times', t.id, count(told.id)) as violation
    from transfers t left join told on told.id = t.id where ${MOVED} and ${within(window, 't.')} group by t.id having count(told.id) <> 1
    union all
    select format('movement %s is told and is not there', o.aggregate_id)
    from outbox o where ${ALONE} and ${toldWithin(window)} and not exists (select from transfers where id = o.aggregate_id and ${MOVED})`;
}
