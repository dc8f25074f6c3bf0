import { type Window, within } from './window.ts';

/** Each movement twice, as each of its accounts saw it. A refused transfer moved nothing. */
export const sides = (window: Window | null): string => `
  select debit_account_id as account_id, 'DEBIT' as side, debit_sequence as sequence, debit_balance_after as balance_after,
         debit_available_after as available_after, amount_minor::numeric as amount,
         coalesce(released_minor, amount_minor)::numeric as released, state, resolves, created_at
  from transfers where state <> 'REFUSED' and ${within(window)}
  union all
  select credit_account_id, 'CREDIT', credit_sequence, credit_balance_after, credit_available_after, amount_minor::numeric,
         coalesce(released_minor, amount_minor)::numeric, state, resolves, created_at
  from transfers where state <> 'REFUSED' and ${within(window)}`;

export const posted = `(case when state = 'POSTED' then amount else 0 end)`;
export const pending = `(case when state = 'PENDING' then amount when resolves is not null then -released else 0 end)`;

/** What a movement did to the balance and to the available amount of an account of `normal_side`. */
export const balanceChange = `(case when side = normal_side then 1 else -1 end) * ${posted}`;
export const availableChange = `(case when side = normal_side then ${posted} else -${posted} - ${pending} end)`;

export const balance = `(case a.normal_side when 'CREDIT' then a.credits_posted::numeric - a.debits_posted else a.debits_posted::numeric - a.credits_posted end)`;
export const available = `(${balance} - case a.normal_side when 'CREDIT' then a.debits_pending else a.credits_pending end)`;

/**
 * Joins, as `prior`, the movement before the first one of a window, by the index of the account: the window must follow from what was proved
 * before it. Over everything there is none, and the first movement follows from nothing.
 */
export function joinPrior(window: Window | null, { account, sequence, at, isFirst = 'true' }: FirstMovement): string {
  if (!window)
    return 'left join (select null::bigint as prior_sequence, null::bigint as prior_balance, null::bigint as prior_available) prior on false';
  const last = (side: 'debit' | 'credit'): string =>
    `(select ${side}_sequence as prior_sequence, ${side}_balance_after as prior_balance, ${side}_available_after as prior_available from transfers
      where ${isFirst} and ${side}_account_id = ${account} and ${side}_sequence < ${sequence} and created_at <= ${at}
      order by created_at desc, ${side}_sequence desc limit 1)`;
  return `left join lateral (
      select * from (${last('debit')} union all ${last('credit')}) both_sides order by prior_sequence desc limit 1) prior on true`;
}

/** In words of SQL: where the first movement of an account is found. */
interface FirstMovement {
  readonly account: string;
  readonly sequence: string;
  readonly at: string;
  /** Which rows are first ones, where not all are. */
  readonly isFirst?: string;
}
