import { listPage, listParameters } from '../../api/lists.ts';
import { ignored, mergeMetadata, metadata, text } from '../../api/parameters.ts';
import { endpoint } from '../../api/routes.ts';
import { expectRecord, patch } from '../records.ts';
import { createSession } from './create.ts';
import { expireSession } from './expire.ts';
import { createParameters } from './parameters.ts';

const PATH = '/v1/checkout/sessions';

const filters = { customer: text(), payment_intent: text(), status: text(), customer_details: ignored() };

export const checkoutEndpoints = [
  endpoint('POST', PATH, createParameters, (account, parameters) => createSession(account, parameters)),
  endpoint('GET', PATH, { ...listParameters, ...filters }, (account, parameters) =>
    listPage(account, 'checkout_session', PATH, parameters, ({ customer, payment_intent: intent, status }) =>
      [
        [parameters.customer, customer],
        [parameters.payment_intent, intent],
        [parameters.status, status],
      ].every(([wanted, actual]) => wanted === undefined || wanted === actual),
    ),
  ),
  endpoint('GET', `${PATH}/:id`, {}, (account, _, id) => expectRecord(account, 'checkout_session', id)),
  endpoint('POST', `${PATH}/:id`, { metadata: metadata() }, (account, parameters, id) => {
    const session = expectRecord(account, 'checkout_session', id);
    return patch(account, 'checkout_session', session, { metadata: mergeMetadata(session.metadata, parameters.metadata) });
  }),
  endpoint('POST', `${PATH}/:id/expire`, {}, (account, _, id) => expireSession(account, expectRecord(account, 'checkout_session', id))),
  endpoint('GET', `${PATH}/:id/line_items`, listParameters, (account, { limit = 10 }, id) => {
    const { line_items: items } = expectRecord(account, 'checkout_session', id);
    return { object: 'list', data: items.slice(0, limit), has_more: items.length > limit, url: `${PATH}/${id}/line_items` };
  }),
];
