import { type Account, nowSeconds } from '../account/account.ts';
import { noSuch } from '../api/errors.ts';
import { listPage, listParameters } from '../api/lists.ts';
import { changed, ignored, type MetadataChange, mergeMetadata, metadata, nested, text } from '../api/parameters.ts';
import { endpoint } from '../api/routes.ts';
import { emit } from '../webhooks/events.ts';
import { attachPaymentMethod, detachPaymentMethod, resolvePaymentMethod } from './payment-methods.ts';
import { expectRecord, patch, previousAttributes } from './records.ts';
import type { Customer } from './types.ts';

const PATH = '/v1/customers';

const ALWAYS = {
  address: null,
  balance: 0,
  currency: null,
  default_source: null,
  delinquent: false,
  discount: null,
  livemode: false,
  next_invoice_sequence: 1,
  preferred_locales: [],
  shipping: null,
  tax_exempt: 'none',
  test_clock: null,
} as const;

export interface NewCustomer {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly description?: string | undefined;
  readonly phone?: string | undefined;
  readonly metadata?: MetadataChange | undefined;
}

export function createCustomer(account: Account, { name, email, description, phone, metadata: change }: NewCustomer): Customer {
  const id = account.ids.next('cus');
  const customer = account.store.put('customer', {
    ...ALWAYS,
    ...{ invoice_prefix: id.slice(-8).toUpperCase() },
    id,
    object: 'customer',
    created: nowSeconds(account),
    description: description || null,
    email: email || null,
    invoice_settings: { default_payment_method: null, ...{ custom_fields: null, footer: null, rendering_options: null } },
    metadata: mergeMetadata({}, change),
    name: name || null,
    phone: phone || null,
  });
  emit(account, 'customer.created', customer);
  return customer;
}

/** For use in another object. @throws ApiError 400 resource_missing, also when deleted */
export function expectCustomer(account: Account, id: string, parameter = 'customer'): Customer {
  const customer = expectRecord(account, 'customer', id, parameter);
  if (customer.deleted) throw noSuch('customer', id, parameter);
  return customer;
}

const details = { name: text(), email: text(512), description: text(), phone: text(), metadata: metadata() };
const others = {
  address: ignored(),
  balance: ignored(),
  invoice_prefix: ignored(),
  preferred_locales: ignored(),
  shipping: ignored(),
  tax: ignored(),
  tax_exempt: ignored(),
};
const invoiceSettings = nested({
  default_payment_method: text(),
  custom_fields: ignored(),
  footer: ignored(),
  rendering_options: ignored(),
});

export const customerEndpoints = [
  endpoint('POST', PATH, { ...details, ...others, payment_method: text(), invoice_settings: invoiceSettings }, (account, parameters) => {
    const customer = createCustomer(account, parameters);
    if (parameters.payment_method) attachPaymentMethod(account, resolvePaymentMethod(account, parameters.payment_method), customer.id);
    return customer;
  }),
  endpoint('GET', PATH, { ...listParameters, email: text() }, (account, parameters) =>
    listPage(account, 'customer', PATH, parameters, ({ email, deleted }) => !deleted && [undefined, email].includes(parameters.email)),
  ),
  endpoint('GET', `${PATH}/:id`, {}, (account, _, id) => {
    const customer = expectRecord(account, 'customer', id);
    return customer.deleted ? { id, object: 'customer', deleted: true } : customer;
  }),
  endpoint('POST', `${PATH}/:id`, { ...details, ...others, invoice_settings: invoiceSettings }, (account, parameters, id) => {
    const customer = expectCustomer(account, id, 'id');
    const preferred = parameters.invoice_settings?.default_payment_method;
    const updated = patch(account, 'customer', customer, {
      name: changed(parameters.name, customer.name),
      email: changed(parameters.email, customer.email),
      description: changed(parameters.description, customer.description),
      phone: changed(parameters.phone, customer.phone),
      metadata: mergeMetadata(customer.metadata, parameters.metadata),
      ...(preferred !== undefined && { invoice_settings: { ...customer.invoice_settings, default_payment_method: preferred || null } }),
    });
    emit(account, 'customer.updated', updated, previousAttributes(customer, updated));
    return updated;
  }),
  endpoint('DELETE', `${PATH}/:id`, {}, (account, _, id) => {
    const customer = expectCustomer(account, id, 'id');
    for (const method of account.store.list('payment_method').filter((one) => one.customer === id)) detachPaymentMethod(account, method);
    patch(account, 'customer', customer, { deleted: true });
    emit(account, 'customer.deleted', customer);
    return { id, object: 'customer', deleted: true };
  }),
  endpoint(
    'GET',
    `${PATH}/:id/payment_methods`,
    { ...listParameters, type: text(), allow_redisplay: ignored() },
    (account, parameters, id) => {
      expectCustomer(account, id, 'id');
      return listPage(account, 'payment_method', `${PATH}/${id}/payment_methods`, parameters, ({ customer }) => customer === id);
    },
  ),
];
