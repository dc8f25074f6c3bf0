import type { MikroORM } from '@tessera/service-kit/persistence';
import type { RawAnswer, RawRequest, Route } from '@tessera/service-kit/service';
import type { ProviderEvent } from '../provider/provider-adapter.ts';
import { type WebhookRefusal, WebhookRefused } from '../provider/provider-error.ts';
import type { PaymentsServices } from '../services.ts';
import { storeEvents } from './store-events.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';

const PROVIDER = 'STRIPE';
const MAX_BODY_BYTES = 1024 * 1024;

export interface WebhookRouteParts {
  readonly orm: MikroORM;
  readonly services: PaymentsServices;
  readonly metrics: WebhookMetrics;
  /** Lets the worker look at once. */
  readonly wake: () => void;
}

/**
 * Where the provider tells what happened. The raw bytes are verified before anything reads them, the event is committed before it is
 * answered, and all work comes after the answer: a slow answer is a failed delivery for the provider. What cannot be kept is answered with
 * 503, so that it is sent again; what is kept already is answered like the first time.
 */
export function webhookRoute(parts: WebhookRouteParts): Route {
  return { method: 'POST', path: '/webhooks/stripe', maxBodyBytes: MAX_BODY_BYTES, handler: (request) => receive(request, parts) };
}

async function receive(request: RawRequest, parts: WebhookRouteParts): Promise<RawAnswer> {
  const { services, metrics, wake } = parts;
  const body = await request.body();
  const event = verified(request, body, parts);
  if ('status' in event) return event;
  services.crashPoint('payments.webhook.received');
  try {
    const stored = await keep(event, request, parts);
    services.crashPoint('payments.webhook.stored');
    metrics.deliveries.inc({ provider: PROVIDER, outcome: stored ? 'stored' : 'duplicate' });
  } catch (error) {
    metrics.deliveries.inc({ provider: PROVIDER, outcome: 'failed' });
    services.log.error({ err: error, eventId: event.id, requestId: request.requestId }, 'a webhook could not be kept');
    return { ...text(503, 'This cannot be kept at the moment: send it again.'), headers: { ...PLAIN, 'retry-after': '5' } };
  }
  wake();
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: '{"received":true}' };
}

/** What the sender reads: what a signature cannot be wrong about is not put on it. */
const REFUSALS: Readonly<Record<WebhookRefusal, string>> = {
  NO_SIGNATURE: 'The signature is missing.',
  BAD_SIGNATURE: 'The signature is not of this body.',
  TOO_OLD: 'The signature is too old.',
  FROM_THE_FUTURE: 'The signature is dated in the future.',
  MALFORMED: 'The signature is right, but the body is no event that can be kept.',
};

/** The event, or why there is none. Nothing of a delivery that is refused is kept or logged: nobody knows who wrote it. */
function verified(request: RawRequest, body: Buffer, { services, metrics }: WebhookRouteParts): ProviderEvent | RawAnswer {
  const adapter = services.adapters[PROVIDER];
  if (!adapter) return text(404, 'This provider is not used here.');
  const signature = request.headers['stripe-signature'];
  try {
    return adapter.verifyWebhook(body, typeof signature === 'string' ? signature : '');
  } catch (error) {
    if (!(error instanceof WebhookRefused)) throw error;
    metrics.deliveries.inc({ provider: PROVIDER, outcome: 'refused' });
    const facts = {
      provider: PROVIDER,
      reason: error.reason,
      bytes: body.length,
      clientAddress: request.clientAddress,
    };
    services.log.warn({ ...facts, requestId: request.requestId }, 'a webhook was refused');
    return text(400, REFUSALS[error.reason]);
  }
}

async function keep(event: ProviderEvent, { traceparent }: RawRequest, { orm }: WebhookRouteParts): Promise<boolean> {
  const heard = { provider: PROVIDER, source: 'WEBHOOK', events: [event], traceparent, now: new Date() } as const;
  return (await storeEvents(orm.em.fork(), heard)).length > 0;
}

const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };

function text(status: number, body: string): RawAnswer {
  return { status, headers: PLAIN, body };
}
