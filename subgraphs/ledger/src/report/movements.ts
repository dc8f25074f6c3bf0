/** What moved on each kind of account from `$1` up to, but not including, `$2`; of one currency where `$3` is not null. */
export const MOVEMENTS = `
  select a.kind, a.currency, sum(s.first) as accounts, sum(s.debit) as debits, sum(s.credit) as credits
  from (${side('debit')} union all ${side('credit')}) s join accounts a on a.id = s.account_id
  group by a.kind, a.currency`;

/** An account is counted with the first thing that happened to it. Holds move nothing. */
function side(name: 'debit' | 'credit'): string {
  const posted = `sum(case state when 'POSTED' then amount_minor else 0 end)`;
  return `
    select ${name}_account_id as account_id, ${name === 'debit' ? posted : '0'} as debit, ${name === 'credit' ? posted : '0'} as credit,
      count(*) filter (where ${name}_sequence = 1) as first
    from transfers where created_at >= $1::timestamptz and created_at < $2::timestamptz and state <> 'REFUSED' and ($3::text is null or currency = $3)
    group by ${name}_account_id`;
}
