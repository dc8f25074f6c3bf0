import { Migration } from '@mikro-orm/migrations';

const SIDE = (side: 'debit' | 'credit'): string =>
  `${side}.id, ${side}.address, case ${side}.kind when 'WALLET' then ${side}.owner_id end, t.${side}_sequence::text, t.${side}_balance_after::text, t.${side}_available_after::text`;

/**
 * What moved, for the stream: the texts that the contract makes a payload of (`packedPayloads`), at less than half of what `unpack_events` costs. The rows are
 * found in the same way, for the same reason.
 */
export class TellPacks extends Migration {
  override up(): void {
    this.addSql(`
      create function tell_pack(pack json, told_at timestamptz) returns table (place bigint, event json) language sql stable as $$
        select moved.place, to_json(array['evt' || substr(t.id, 4), t.id, t.actor, moved.names ->> 2, moved.names ->> 1, t.traceparent,
          t.fact_key, t.code, t.currency, t.amount_minor::text, ${SIDE('debit')}, ${SIDE('credit')}, t.order_id, t.payment_id])
        from json_array_elements(pack) with ordinality as moved (names, place)
          cross join lateral (select * from transfers where id = moved.names ->> 0 and created_at = told_at offset 0) t
          cross join lateral (select * from accounts where id = t.debit_account_id offset 0) debit
          cross join lateral (select * from accounts where id = t.credit_account_id offset 0) credit
      $$`);
  }
}
