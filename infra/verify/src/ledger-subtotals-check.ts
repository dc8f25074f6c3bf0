import { type Check, ledgerCheck } from './check.ts';

const UNTIL = `
  select (select max(until_at) from trial_balance_subtotals) as newest,
    (select max(until_at) from trial_balance_subtotals where until_at < (select max(until_at) from trial_balance_subtotals)) as earlier`;

/** What a side moved from `since` up to the newest subtotals; an account is counted with the first thing that happened to it. */
const side = (name: 'debit' | 'credit', since: string): string => {
  const posted = `case state when 'POSTED' then amount_minor::numeric else 0 end`;
  const [debit, credit] = name === 'debit' ? [posted, '0'] : ['0', posted];
  return `
    select ${name}_account_id as account_id, (${name}_sequence = 1)::int as first, ${debit} as debit, ${credit} as credit
    from transfers, until where state <> 'REFUSED' and created_at >= ${since} and created_at < newest`;
};

/** A full pass counts everything anew; one over a window counts what came between the two newest. */
const subtotalsFold = (since: string, before: string): string => `
  with until as materialized (${UNTIL}),
    counted as (
      select a.kind, a.currency, sum(s.first) as accounts, sum(s.debit) as debits, sum(s.credit) as credits
      from (${side('debit', since)} union all ${side('credit', since)}) s join accounts a on a.id = s.account_id group by a.kind, a.currency),
    told as (
      select n.kind, n.currency, n.accounts - coalesce(e.accounts, 0) as accounts, n.debits - coalesce(e.debits, 0) as debits, n.credits - coalesce(e.credits, 0) as credits
      from until join trial_balance_subtotals n on n.until_at = newest
        left join trial_balance_subtotals e on e.until_at = ${before} and e.kind = n.kind and e.currency = n.currency)
  select format('%s of %s: %s debited and %s credited, the subtotals say %s and %s', coalesce(c.kind, t.kind), coalesce(c.currency, t.currency),
    coalesce(c.debits, 0), coalesce(c.credits, 0), coalesce(t.debits, 0), coalesce(t.credits, 0)) as violation
  from counted c full join told t on t.kind = c.kind and t.currency = c.currency
  where coalesce(c.accounts, 0) <> coalesce(t.accounts, 0) or coalesce(c.debits, 0) <> coalesce(t.debits, 0) or coalesce(c.credits, 0) <> coalesce(t.credits, 0)`;

export const ledgerSubtotalsCheck: Check = ledgerCheck({
  invariant: 'I1',
  id: 'subtotals-fold',
  title: 'the newest subtotals of the trial balance are the sum of all transfers before them; in a window: since the ones before',
  sql: (window) => (window ? subtotalsFold("coalesce(earlier, '-infinity')", 'earlier') : subtotalsFold("'-infinity'", 'null')),
});
