import type { Account } from '../account/account.ts';
import type { TableName } from '../account/tables.ts';
import { withStatus } from '../objects/balance.ts';
import { withoutHidden } from '../objects/checkout/complete.ts';
import type { BalanceTransaction, CheckoutSession } from '../objects/types.ts';
import { invalidParameter } from './errors.ts';
import { isForm } from './parameters.ts';

const MAX_DEPTH = 4;
const MAX_PATHS = 20;

/** Where the object behind a field is. */
const TABLE_OF_FIELD: Readonly<Record<string, TableName>> = {
  balance_transaction: 'balance_transaction',
  charge: 'charge',
  customer: 'customer',
  default_payment_method: 'payment_method',
  failure_balance_transaction: 'balance_transaction',
  latest_charge: 'charge',
  payment_intent: 'payment_intent',
  payment_method: 'payment_method',
  setup_intent: 'setup_intent',
};

const TABLE_OF_PREFIX: Readonly<Record<string, TableName>> = { ch: 'charge', re: 'refund', du: 'dispute' };

type Json = Record<string, unknown>;

/** The answer as the API shows it, with the objects that `expand[]` asks for in place of their ids. @throws ApiError 400 */
export function expandAnswer(account: Account, answer: object, expand: unknown): object {
  const paths = expand === undefined ? [] : isForm(expand) ? Object.values(expand) : Array.isArray(expand) ? expand : [expand];
  if (paths.length > MAX_PATHS) throw invalidParameter(`You cannot expand more than ${MAX_PATHS} properties.`, 'expand');
  return paths.reduce<object>(
    (node, path) => {
      const segments = String(path).split('.');
      const levels = segments[0] === 'data' ? segments.length - 1 : segments.length;
      if (levels > MAX_DEPTH) throw invalidParameter(`You cannot expand more than ${MAX_DEPTH} levels of a property (${path}).`, 'expand');
      return expandPath(account, answer, node as Json, segments, String(path)); // an object of the API
    },
    present(account, answer),
  );
}

function expandPath(account: Account, source: object, node: Json, [field, ...rest]: readonly string[], path: string): Json {
  if (field === undefined) return node;
  if (node.object === 'list' && field === 'data') {
    const sources = (source as { data?: readonly object[] }).data; // a list holds its data
    return { ...node, data: (node.data as Json[]).map((item, index) => expandPath(account, sources?.[index] ?? item, item, rest, path)) };
  }
  const child = included(account, source, node, field) ?? node[field];
  if (child === null) return node;
  if (isForm(child)) return { ...node, [field]: expandPath(account, child, child, rest, path) };
  const table = typeof child === 'string' ? tableOf(field, child) : undefined;
  const found = table && account.store.get(table, child as string); // a string, or there is no table
  if (!found) throw invalidParameter(`This property cannot be expanded (${path}).`, 'expand');
  return { ...node, [field]: expandPath(account, found, present(account, found) as Json, rest, path) };
}

/** Lists that are left out unless they are asked for. */
function included(account: Account, source: object, node: Json, field: string): Json | undefined {
  if (node.object === 'checkout.session' && field === 'line_items' && !('line_items' in node)) {
    return listOf((source as CheckoutSession).line_items, `/v1/checkout/sessions/${node.id}/line_items`); // by its `object`
  }
  if (node.object === 'charge' && field === 'refunds' && !('refunds' in node)) {
    const refunds = account.store.list('refund').filter(({ charge }) => charge === node.id);
    return listOf(refunds.reverse(), `/v1/charges/${node.id}/refunds`);
  }
  return undefined;
}

function present(account: Account, record: object): object {
  const { object, data } = record as { object?: string; data?: readonly object[] }; // what every object of the API may have
  if (object === 'list' && data) return { ...record, data: data.map((item) => present(account, item)) };
  if (object === 'checkout.session' && 'payment_intent_data' in record) return withoutHidden(record as CheckoutSession); // by its `object`
  if (object === 'balance_transaction') return withStatus(account, record as BalanceTransaction); // by its `object`
  if (object === 'customer' && 'deleted' in record) return { id: (record as unknown as { id: string }).id, object, deleted: true }; // every object has an id
  return record;
}

function tableOf(field: string, id: string): TableName | undefined {
  if (field === 'source') return TABLE_OF_PREFIX[id.split('_')[0] ?? ''];
  return Object.hasOwn(TABLE_OF_FIELD, field) ? TABLE_OF_FIELD[field] : undefined;
}

function listOf(data: readonly object[], url: string): Json {
  return { object: 'list', data, has_more: false, url };
}
