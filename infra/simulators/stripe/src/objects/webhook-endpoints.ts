import { type Account, nowSeconds } from '../account/account.ts';
import { invalidParameter } from '../api/errors.ts';
import { listPage, listParameters } from '../api/lists.ts';
import { changed, flag, ignored, list, mergeMetadata, metadata, required, text } from '../api/parameters.ts';
import { endpoint } from '../api/routes.ts';
import { expectRecord, patch } from './records.ts';
import type { Metadata, WebhookEndpoint } from './types.ts';

const PATH = '/v1/webhook_endpoints';

interface NewEndpoint {
  readonly url: string;
  readonly secret: string;
  readonly enabledEvents?: readonly string[];
  readonly apiVersion?: string | null;
  readonly description?: string | null;
  readonly metadata?: Metadata;
}

export function createWebhookEndpoint(account: Account, given: NewEndpoint): WebhookEndpoint {
  const created = account.store.put('webhook_endpoint', {
    id: account.ids.next('we'),
    object: 'webhook_endpoint',
    api_version: given.apiVersion ?? null,
    application: null,
    created: nowSeconds(account),
    description: given.description ?? null,
    enabled_events: given.enabledEvents ?? ['*'],
    livemode: false,
    metadata: given.metadata ?? {},
    status: 'enabled',
    url: given.url,
  });
  account.store.put('endpoint_secret', { id: created.id, secret: given.secret, previous: null });
  return created;
}

const described = { description: text(), enabled_events: list(text()), metadata: metadata() };

export const webhookEndpointEndpoints = [
  endpoint(
    'POST',
    PATH,
    { ...described, url: required(text()), enabled_events: required(list(text())), api_version: text(), connect: ignored() },
    (account, parameters) => {
      const secret = account.ids.next('whsec');
      const created = createWebhookEndpoint(account, {
        url: checkUrl(parameters.url),
        secret,
        enabledEvents: parameters.enabled_events,
        apiVersion: parameters.api_version || null,
        description: parameters.description || null,
        metadata: mergeMetadata({}, parameters.metadata),
      });
      return { ...created, secret };
    },
  ),
  endpoint('GET', PATH, listParameters, (account, parameters) => listPage(account, 'webhook_endpoint', PATH, parameters)),
  endpoint('GET', `${PATH}/:id`, {}, (account, _, id) => expectRecord(account, 'webhook_endpoint', id)),
  endpoint('POST', `${PATH}/:id`, { ...described, url: text(), disabled: flag() }, (account, parameters, id) => {
    const found = expectRecord(account, 'webhook_endpoint', id);
    return patch(account, 'webhook_endpoint', found, {
      url: parameters.url === undefined ? found.url : checkUrl(parameters.url),
      description: changed(parameters.description, found.description),
      enabled_events: parameters.enabled_events ?? found.enabled_events,
      metadata: mergeMetadata(found.metadata, parameters.metadata),
      ...(parameters.disabled !== undefined && { status: parameters.disabled ? 'disabled' : 'enabled' }),
    });
  }),
  endpoint('DELETE', `${PATH}/:id`, {}, (account, _, id) => {
    expectRecord(account, 'webhook_endpoint', id);
    account.store.remove('webhook_endpoint', id);
    account.store.remove('endpoint_secret', id);
    return { id, object: 'webhook_endpoint', deleted: true };
  }),
];

function checkUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw invalidParameter('Invalid URL: must be an absolute http or https URL', 'url', 'url_invalid');
  return url;
}
