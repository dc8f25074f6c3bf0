import { Migration } from '@mikro-orm/migrations';

/** `[transfer id, correlation id, causation id]` for each movement of a pack; all else is said by the transfer and its accounts, which never change. */
const SIDE = (side: 'debit' | 'credit'): string => `json_build_object(
    'accountId', ${side}.id, 'address', ${side}.address, 'ownerId', case ${side}.kind when 'WALLET' then ${side}.owner_id end,
    'sequence', t.${side}_sequence,
    'balance', json_build_object('currency', t.currency, 'minor', t.${side}_balance_after::text),
    'available', json_build_object('currency', t.currency, 'minor', t.${side}_available_after::text))`;

/**
 * What moved is told by reference: the outbox names transfers, and their rows make the events. Each is looked up by its id, one after the other
 * (`offset 0`), whatever the planner thinks of tables that it does not know yet: reading all transfers of an instant for each would take a
 * thousand times as long.
 */
export class TellByReference extends Migration {
  override up(): void {
    this.addSql(`
      create function unpack_events(pack json, told_at timestamptz) returns table
        (place bigint, id text, aggregate_id text, actor text, causation_id text, correlation_id text, traceparent text, payload json)
      language sql stable as $$
        select moved.place, 'evt' || substr(t.id, 4), t.id, t.actor, moved.names ->> 2, moved.names ->> 1, t.traceparent,
          json_build_object('transferId', t.id, 'factKey', t.fact_key, 'code', t.code,
            'amount', json_build_object('currency', t.currency, 'minor', t.amount_minor::text),
            'debit', ${SIDE('debit')}, 'credit', ${SIDE('credit')}, 'orderId', t.order_id, 'paymentId', t.payment_id)
        from json_array_elements(pack) with ordinality as moved (names, place)
          cross join lateral (select * from transfers where id = moved.names ->> 0 and created_at = told_at offset 0) t
          cross join lateral (select * from accounts where id = t.debit_account_id offset 0) debit
          cross join lateral (select * from accounts where id = t.credit_account_id offset 0) credit
      $$`);
  }
}
