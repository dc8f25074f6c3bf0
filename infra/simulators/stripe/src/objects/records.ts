import type { Account } from '../account/account.ts';
import type { TableName, Tables } from '../account/tables.ts';
import { noSuch } from '../api/errors.ts';

/** As Stripe writes them in `No such …`. */
const NOUNS: Partial<Record<TableName, string>> = {
  payment_method: 'PaymentMethod',
  setup_intent: 'setupintent',
  checkout_session: 'checkout.session',
  webhook_endpoint: 'webhook endpoint',
  balance_transaction: 'balance transaction',
};

/** @throws ApiError 404 resource_missing; 400 when the id came in a parameter */
export function expectRecord<N extends TableName>({ store }: Account, table: N, id: string, parameter?: string): Tables[N] {
  const record = store.get(table, id);
  if (!record) throw noSuch(NOUNS[table] ?? table, id, parameter);
  return record;
}

/** Replaces the record by one with these changes. */
export function patch<N extends TableName>({ store }: Account, table: N, record: Tables[N], changes: Partial<Tables[N]>): Tables[N] {
  return store.put(table, { ...record, ...changes });
}

/** What `previous_attributes` of an event says: the old values of what changed. */
export function previousAttributes<T extends object>(before: T, after: T): Readonly<Record<string, unknown>> {
  const old = before as Readonly<Record<string, unknown>>; // read by key only
  return Object.fromEntries(
    Object.entries(after)
      .filter(([key, value]) => old[key] !== value)
      .map(([key]) => [key, old[key] ?? null]),
  );
}
