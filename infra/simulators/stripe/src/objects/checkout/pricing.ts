import type { Account } from '../../account/account.ts';
import { invalidParameter } from '../../api/errors.ts';
import { checkAmount, checkCurrency } from '../../money/currencies.ts';
import type { CheckoutSession, LineItem } from '../types.ts';
import type { NewSession } from './parameters.ts';

export type Money = Pick<CheckoutSession, 'amount_subtotal' | 'amount_total' | 'currency' | 'line_items'>;

/** The sum of the line items. @throws ApiError 400 */
export function priced(account: Account, { line_items: items, currency: wanted }: NewSession): Money {
  if (!items || items.length === 0) {
    throw invalidParameter('You must provide line_items when `mode` is `payment`.', 'line_items', 'parameter_missing');
  }
  const currency = checkCurrency(items[0]?.price_data.currency ?? '', 'line_items[0][price_data][currency]');
  if (wanted !== undefined && wanted.toLowerCase() !== currency)
    throw invalidParameter('The currency is not that of the line items.', 'currency');
  const lines = items.map((item, index) => lineItem(account, item, currency, index));
  const total = lines.reduce((sum, { amount_total: amount }) => sum + amount, 0);
  return { amount_subtotal: total, amount_total: checkAmount(total, currency, 'line_items'), currency, line_items: lines };
}

/** Setup mode: there is nothing to pay. @throws ApiError 400 for what belongs to a payment */
export function unpriced(given: NewSession): Money {
  const { currency, line_items: items, payment_intent_data: data } = given;
  const types = given.allowed_payment_method_types ?? given.payment_method_types;
  if (items) throw invalidParameter('You can not pass `line_items` in `setup` mode.', 'line_items');
  if (data) throw invalidParameter('You can not pass `payment_intent_data` in `setup` mode.', 'payment_intent_data');
  if (currency === undefined && types === undefined)
    throw invalidParameter('Missing required param: currency.', 'currency', 'parameter_missing');
  return { amount_subtotal: null, amount_total: null, currency: currency === undefined ? null : checkCurrency(currency), line_items: [] };
}

function lineItem(
  account: Account,
  { price_data: price, quantity = 1 }: NonNullable<NewSession['line_items']>[number],
  currency: string,
  index: number,
): LineItem {
  const path = `line_items[${index}]`;
  const { unit_amount: unitAmount, product_data: product } = price;
  if (unitAmount === undefined)
    throw invalidParameter('Missing required param: unit_amount.', `${path}[price_data][unit_amount]`, 'parameter_missing');
  if (unitAmount < 0)
    throw invalidParameter('Invalid non-negative integer', `${path}[price_data][unit_amount]`, 'parameter_invalid_integer');
  if (quantity < 1)
    throw invalidParameter('This value must be greater than or equal to 1.', `${path}[quantity]`, 'parameter_invalid_integer');
  if (price.currency.toLowerCase() !== currency)
    throw invalidParameter('All line items must have the same currency.', `${path}[price_data][currency]`);
  if (!product && !price.product) {
    throw invalidParameter(
      'You must specify either `product` or `product_data` in `price_data`.',
      `${path}[price_data]`,
      'parameter_missing',
    );
  }
  const amount = unitAmount * quantity;
  return {
    ...{ adjustable_quantity: null, amount_discount: 0, amount_tax: 0, metadata: null },
    id: account.ids.next('li'),
    object: 'item',
    amount_subtotal: amount,
    amount_total: amount,
    currency,
    description: product?.name ?? price.product ?? '',
    price: {
      ...{ object: 'price', active: false, billing_scheme: 'per_unit', livemode: false, recurring: null, type: 'one_time' },
      id: account.ids.next('price'),
      unit_amount: unitAmount,
      currency,
      product: price.product ?? account.ids.next('prod'),
    },
    quantity,
  };
}
