/** A run of batches, the smallest of which is `after` + 1. */
export interface Part {
  /** Null: from the very first transfer, also from before there were batches. */
  readonly after: string | null;
  /** Null: up to now. */
  readonly last: string | null;
}

/** As a condition on a table with a column `batch_id`. */
export function isIn({ after, last }: Part, prefix = ''): string {
  const bounds = [
    ...(after === null ? [] : [`${prefix}batch_id > ${BigInt(after)}`]),
    ...(last === null
      ? []
      : [after === null ? `(${prefix}batch_id is null or ${prefix}batch_id <= ${BigInt(last)})` : `${prefix}batch_id <= ${BigInt(last)}`]),
  ];
  return bounds.join(' and ') || 'true';
}

/** Each movement twice, as each of its accounts saw it. */
export function sidesOf(part: Part): string {
  const side = (own: 'debit' | 'credit'): string => `
    select t.${own}_account_id as account_id, t.${own}_sequence as sequence, t.${own}_balance_after as balance_after, t.${own}_available_after as available_after,
      t.amount_minor::numeric as amount, coalesce(t.released_minor, t.amount_minor)::numeric as released, t.state, t.resolves, t.created_at,
      '${own.toUpperCase()}' as side
    from transfers t where t.state <> 'REFUSED' and ${isIn(part, 't.')}`;
  return `${side('debit')} union all ${side('credit')}`;
}

/** The same with the movement before it: of the part, or by the index of the account the last one before the part. */
export function stepsOf(part: Part): string {
  const last = (own: 'debit' | 'credit'): string => `
    (select ${own}_sequence as sequence, ${own}_balance_after as balance_after, ${own}_available_after as available_after from transfers
     where m.sequence_before is null and m.sequence > 1 and ${own}_account_id = m.account_id and ${own}_sequence < m.sequence and created_at <= m.created_at
     order by created_at desc, ${own}_sequence desc limit 1)`;
  return `
    select m.account_id, m.normal_side, m.side, m.sequence, m.balance_after, m.available_after, m.amount, m.released, m.state, m.resolves, m.created_at, m.time_before,
      coalesce(m.sequence_before, earlier.sequence, 0) as sequence_before,
      coalesce(m.balance_before, earlier.balance_after, 0) as balance_before,
      coalesce(m.available_before, earlier.available_after, 0) as available_before
    from (
      select s.*, a.normal_side, lag(s.sequence) over w as sequence_before, lag(s.balance_after) over w as balance_before,
        lag(s.available_after) over w as available_before, lag(s.created_at) over w as time_before
      from (${sidesOf(part)}) s join accounts a on a.id = s.account_id window w as (partition by s.account_id order by s.sequence)) m
    left join lateral (select * from (${last('debit')} union all ${last('credit')}) both_sides order by sequence desc limit 1) earlier on true`;
}
