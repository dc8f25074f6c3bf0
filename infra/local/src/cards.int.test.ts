import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Cards, startCards } from './cards.ts';
import { waitUntil } from './processes.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let folder: ReturnType<typeof temporaryFolder>;
const closers: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folder.remove();
});

async function start(webhook: { readonly url: string; readonly secret: string }, environment: NodeJS.ProcessEnv = {}): Promise<Cards> {
  const layout = { stripeSimulatorFile: join(folder.path, 'stripe-simulator.jsonl') };
  const cards = await startCards({ environment, layout, port: 0, webhook });
  closers.push(() => cards.close());
  return cards;
}

/** A gateway that takes every webhook. */
async function receiver(): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`, received }; // a TCP server
}

async function ask(cards: Cards, path: string, form?: Record<string, string>): Promise<Record<string, unknown>> {
  const { STRIPE_API_BASE, STRIPE_SECRET_KEY } = cards.variables;
  const answer = await fetch(`${STRIPE_API_BASE}${path}`, {
    headers: { authorization: `Bearer ${STRIPE_SECRET_KEY}` },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  });
  return (await answer.json()) as Record<string, unknown>; // an object of Stripe
}

test('a simulator takes them where no key is set, and signs with the secret of the stack', async () => {
  const { url, received } = await receiver();
  const cards = await start({ url, secret: 'whsec_of_this_stack' });
  const customer = await ask(cards, '/v1/customers', { email: 'ann@example.org' });
  await waitUntil(() => received.length > 0, 5_000);

  expect(cards.why).toBe(`simulator at ${cards.simulatorUrl} (set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET for Stripe itself)`);
  const [{ headers, body } = { headers: {}, body: '' }] = received;
  expect(JSON.parse(body)).toMatchObject({ type: 'customer.created', data: { object: { id: customer.id } } });
  const [, time, signature] = /^t=(\d+),v1=(\w+)/.exec(String(headers['stripe-signature'])) ?? [];
  expect(signature).toBe(createHmac('sha256', 'whsec_of_this_stack').update(`${time}.${body}`).digest('hex'));
});

test('the next start knows the same objects, and reports to its own gateway alone, with the secret of then', async () => {
  const before = await receiver();
  const first = await start({ url: before.url, secret: 'whsec_of_the_first' });
  const { id } = await ask(first, '/v1/customers', { email: 'ann@example.org' });
  await waitUntil(() => before.received.length > 0, 5_000);
  await first.close();
  closers.splice(-1);

  const after = await receiver();
  const second = await start({ url: after.url, secret: 'whsec_of_the_second' });
  await ask(second, `/v1/customers/${id}`, { name: 'Ann' });
  await waitUntil(() => after.received.length > 0, 5_000);

  expect(await ask(second, `/v1/customers/${id}`)).toMatchObject({ id, email: 'ann@example.org', name: 'Ann' });
  expect(await ask(second, '/v1/webhook_endpoints')).toMatchObject({ data: [{ url: after.url }] });
  expect(before.received).toHaveLength(1);
});

test('a key in the environment is for Stripe: nothing is started and nothing is made up', async () => {
  const webhook = { url: 'http://127.0.0.1:1', secret: 'whsec_of_this_stack' };
  expect(await start(webhook, { STRIPE_SECRET_KEY: 'sk_test_1' })).toMatchObject({
    ...{ simulatorUrl: undefined, variables: {}, why: 'Stripe (test mode)' },
  });
  expect((await start(webhook, { STRIPE_SECRET_KEY: 'rk_live_1' })).why).toBe('Stripe (live)');
});
