import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { type RunningSimulator, type SimulatorControl, type SimulatorOptions, startSimulator } from '../src/index.ts';

export const WEBHOOK_SECRET = 'whsec_test';

/** Confirms without a `return_url`. */
export const NO_REDIRECTS = { enabled: true, allow_redirects: 'never' } as const;

export interface Received {
  readonly body: string;
  readonly signature: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Receiver {
  readonly url: string;
  /** In the order of arrival. */
  readonly received: Received[];
  types(): readonly string[];
  /** What the next webhooks are answered; 200 unless set. */
  answer: (received: Received) => number | Promise<number>;
  close(): Promise<void>;
}

export interface Testbed {
  readonly simulator: RunningSimulator;
  readonly control: SimulatorControl;
  readonly stripe: Stripe;
  readonly receiver: Receiver;
  /** All webhooks that are due have been tried. */
  deliver(): Promise<void>;
  close(): Promise<void>;
}

/** A simulator, the official SDK in front of it, and a shop behind it. */
export async function startTestbed(options: Partial<SimulatorOptions> = {}): Promise<Testbed> {
  const receiver = await startReceiver();
  const simulator = await startSimulator({ port: 0, webhook: { url: receiver.url, secret: WEBHOOK_SECRET }, ...options });
  return {
    simulator,
    control: simulator.control,
    stripe: sdkFor(simulator),
    receiver,
    deliver: () => simulator.control.advanceClock(0),
    close: async () => {
      await simulator.close();
      await receiver.close();
    },
  };
}

export function sdkFor({ url, secretKey }: Pick<RunningSimulator, 'url' | 'secretKey'>, maxNetworkRetries = 0): Stripe {
  return new Stripe(secretKey, { host: '127.0.0.1', port: new URL(url).port, protocol: 'http', maxNetworkRetries, telemetry: false });
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const one = {
      body: Buffer.concat(chunks).toString('utf8'),
      signature: String(request.headers['stripe-signature']),
      headers: request.headers,
    };
    received.push(one);
    response.writeHead(await receiver.answer(one)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`, // a TCP server
    received,
    types: () => received.map(({ body }) => (JSON.parse(body) as Stripe.Event).type), // bodies are events
    answer: () => 200,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** A session over 25.00 EUR, in two lines. */
export function checkout(stripe: Stripe, more: Partial<Stripe.Checkout.SessionCreateParams> = {}): Promise<Stripe.Checkout.Session> {
  return stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [
      { price_data: { currency: 'eur', unit_amount: 1000, product_data: { name: 'Mug' } }, quantity: 2 },
      { price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'Shipping' } }, quantity: 1 },
    ],
    success_url: 'http://shop.example/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://shop.example/cart',
    ...more,
  });
}

/** A PaymentIntent that is confirmed at once. */
export function pay(
  stripe: Stripe,
  paymentMethod = 'pm_card_visa',
  more: Partial<Stripe.PaymentIntentCreateParams> = {},
): Promise<Stripe.Response<Stripe.PaymentIntent>> {
  return stripe.paymentIntents.create({
    amount: 2500,
    currency: 'eur',
    payment_method: paymentMethod,
    confirm: true,
    automatic_payment_methods: NO_REDIRECTS,
    ...more,
  });
}

/** What the SDK throws, with the fields that callers branch by. */
export async function failureOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
