import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '@tessera/service-kit/ids';
import { eventually } from '@tessera/service-kit/testing';
import Stripe from 'stripe';
import { API_VERSION } from '../src/provider/stripe/client.ts';
import { createStripeAdapter, type StripeAdapter, type StripeAdapterOptions } from '../src/provider/stripe/stripe-adapter.ts';
import {
  aKey,
  anAttempt,
  type Bank,
  type Card,
  type Delivery,
  type Person,
  type Post,
  type ProviderBench,
  type Trouble,
} from './provider-contract/bench.ts';
import { type SimulatorProcess, startSimulatorProcess } from './simulator.ts';

/** https://docs.stripe.com/testing */
const CARDS: Readonly<Record<Card, string>> = {
  PAYS: 'pm_card_visa',
  DECLINED: 'pm_card_visa_chargeDeclined',
  NO_FUNDS: 'pm_card_visa_chargeDeclinedInsufficientFunds',
  REFUSED_WHEN_AWAY: 'pm_card_chargeCustomerFail',
  ASKS_WHEN_AWAY: 'pm_card_authenticationRequired',
  DISPUTED: 'pm_card_createDispute',
  REFUNDED_SLOWLY: 'pm_card_pendingRefund',
};

const SECRET = 'whsec_contract_current';
const NEXT_SECRET = 'whsec_contract_next';
const TOLERANCE_S = 300;
const HOUR_S = 3_600;
const TIMEOUT_MS = 1_000;
const LATE_MS = 1_300;
/** Until what came too late has been executed. */
const CALM_MS = 700;
const SLOW_BANK_MS = 1_000;
const TEST_MODE_TIMEOUT_MS = 20_000;

/** Stripe as the simulator plays it, with a person, a bank and a post of its own. */
export async function openSimulatedStripe(): Promise<
  ProviderBench & { readonly simulator: SimulatorProcess; another(change: Partial<StripeAdapterOptions>): StripeAdapter }
> {
  const mailbox = await openMailbox();
  const simulator = await startSimulatorProcess({ webhook: { url: mailbox.url, secret: SECRET } });
  const options: StripeAdapterOptions = {
    secretKey: simulator.secretKey,
    webhookSecrets: [SECRET, NEXT_SECRET],
    publishableKey: simulator.publishableKey,
    apiBase: simulator.url,
    timeoutMs: TIMEOUT_MS,
    toleranceS: TOLERANCE_S,
  };
  const opened: StripeAdapter[] = [];
  const another = (change: Partial<StripeAdapterOptions>): StripeAdapter => {
    const adapter = createStripeAdapter({ ...options, ...change });
    opened.push(adapter);
    return adapter;
  };
  const adapter = another({});
  const { hostname: host, port } = new URL(simulator.url);
  const stripe = new Stripe(simulator.secretKey, { apiVersion: API_VERSION, host, port, protocol: 'http', telemetry: false });
  return {
    simulator,
    another,
    adapter,
    person: simulatedPerson(simulator, adapter),
    bank: simulatedBank(simulator),
    post: simulatedPost(simulator, mailbox),
    trouble: simulatedTrouble(simulator, another),
    countOf: (attemptId) => countOf(stripe, attemptId),
    close: async () => {
      for (const one of opened) one.close();
      await simulator.close();
      await mailbox.close();
    },
  };
}

/** Stripe itself in test mode: cards are shown to its API, as nobody is there to type them into its pages. */
export async function openStripeTestMode(secretKey: string): Promise<ProviderBench> {
  const options = { secretKey, webhookSecrets: [], publishableKey: null, timeoutMs: TEST_MODE_TIMEOUT_MS, toleranceS: TOLERANCE_S };
  const adapter = createStripeAdapter(options);
  const stripe = new Stripe(secretKey, { apiVersion: API_VERSION, telemetry: false });
  const person: Person = {
    payPage: cannot,
    payPageSlowly: cannot,
    saveOnPage: cannot,
    confirmInPage: async ({ intentId }, card) => {
      const confirmation = { payment_method: CARDS[card], return_url: anAttempt().returnUrl };
      await stripe.paymentIntents.confirm(intentId ?? '', confirmation).catch(unlessDeclined);
    },
    saveCard: async (customer, card) => (await stripe.paymentMethods.attach(CARDS[card], { customer })).id,
  };
  return {
    adapter,
    person,
    bank: { decideDispute: cannot, finishRefund: cannot },
    post: { delivered: cannot, rotate: cannot, old: same, forged: same },
    trouble: { loseAnswers: cannot, answerLate: cannot, calm: cannot, unreachable: () => adapter, withoutKey: () => adapter },
    countOf: (attemptId) => countOf(stripe, attemptId),
    close: async () => adapter.close(),
  };
}

function simulatedPerson({ control }: SimulatorProcess, adapter: StripeAdapter): Person {
  const saveOnPage = async (url: string, card: Card) => {
    await control.payCheckoutSession(url.slice(url.lastIndexOf('/') + 1), { card: CARDS[card], threeDSecure: 'COMPLETE' });
  };
  return {
    payPage: async ({ sessionId }, card) => void (await control.payCheckoutSession(sessionId ?? '', { card: CARDS[card] })),
    payPageSlowly: async ({ sessionId }, card) => {
      const paying = control.payCheckoutSession(sessionId ?? '', { card: CARDS[card], delayMs: SLOW_BANK_MS });
      const reference = { attemptId: '', sessionId, intentId: null };
      await eventually('the bank is asked', async () => (await adapter.readAttempt(reference)).kind === 'PROCESSING');
      return { answered: paying.then(() => undefined) };
    },
    confirmInPage: async ({ intentId }, card) => void (await control.confirmPaymentIntent(intentId ?? '', { card: CARDS[card] })),
    saveOnPage,
    saveCard: async (providerCustomerId, card) => {
      const { returnUrl, cancelUrl } = anAttempt();
      const request = { methodId: newId('paymentMethod'), providerCustomerId, returnUrl, cancelUrl };
      const page = await adapter.openMethodPage(request, aKey());
      if (page.kind === 'ACTION_REQUIRED') await saveOnPage(page.url, card);
      const saved = await adapter.readMethod(page.sessionId);
      if (saved.kind !== 'ACTIVE') throw new Error(`The card ${card} is not saved.`);
      return saved.providerMethodId;
    },
  };
}

function simulatedBank({ control }: SimulatorProcess): Bank {
  return {
    decideDispute: async (id, outcome) => void (await control.closeDispute(id, outcome === 'WON' ? 'won' : 'lost')),
    finishRefund: (id, outcome) => (outcome === 'SUCCEEDED' ? control.succeedRefund(id) : control.failRefund(id)),
  };
}

function simulatedPost({ control }: SimulatorProcess, { url, deliveries }: Mailbox): Post {
  const sign = ({ body }: Delivery, secret: string, ageS: number): Delivery => {
    const timestamp = Math.floor(Date.now() / 1_000) - ageS;
    return { body, signature: Stripe.webhooks.generateTestHeaderString({ payload: body.toString('utf8'), secret, timestamp }) };
  };
  return {
    delivered: (attemptId) =>
      eventually('a webhook about the attempt', async () => deliveries.find(({ body }) => body.includes(`"attempt_id": "${attemptId}"`))),
    rotate: () => control.setWebhook({ url, secret: NEXT_SECRET }),
    old: (delivery) => sign(delivery, SECRET, HOUR_S),
    forged: (delivery) => sign(delivery, 'whsec_of_somebody_else', 0),
  };
}

function simulatedTrouble({ control }: SimulatorProcess, another: (change: Partial<StripeAdapterOptions>) => StripeAdapter): Trouble {
  let late = 0;
  return {
    loseAnswers: () => control.setFaults({ lostResponse: 1 }),
    answerLate: () => control.setFaults({ latencyMs: { probability: 1, min: LATE_MS, max: LATE_MS } }),
    unreachable: () => another({ apiBase: 'http://127.0.0.1:1' }),
    withoutKey: () => another({ secretKey: 'sk_test_unknown' }),
    calm: async () => {
      const { latencyMs = 0 } = await control.injected();
      await control.setFaults({});
      if (latencyMs > late) await new Promise((resolve) => setTimeout(resolve, CALM_MS));
      late = latencyMs;
    },
  };
}

/** Sessions, and intents without one. */
async function countOf(stripe: Stripe, attemptId: string): Promise<number> {
  const sessions = await stripe.checkout.sessions.list({ limit: 100 });
  const intents = await stripe.paymentIntents.list({ limit: 100 });
  const own = sessions.data.filter(({ client_reference_id: reference }) => reference === attemptId);
  const ofSessions = new Set(own.map(({ payment_intent: intent }) => intent));
  return own.length + intents.data.filter(({ id, metadata }) => metadata.attempt_id === attemptId && !ofSessions.has(id)).length;
}

interface Mailbox {
  readonly url: string;
  readonly deliveries: readonly Delivery[];
  close(): Promise<void>;
}

/** Takes every webhook, as it came. */
async function openMailbox(): Promise<Mailbox> {
  const deliveries: Delivery[] = [];
  const server = createServer(async (request, response) => {
    const signature = String(request.headers['stripe-signature'] ?? '');
    deliveries.push({ body: await bodyOf(request), signature });
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP server
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}/webhooks/stripe`, deliveries, close };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
  return Buffer.concat(chunks);
}

function unlessDeclined(error: unknown): void {
  if (!(error instanceof Stripe.errors.StripeCardError)) throw error;
}

async function cannot(): Promise<never> {
  throw new Error('Nobody can do this in test mode.');
}

function same(delivery: Delivery): Delivery {
  return delivery;
}
