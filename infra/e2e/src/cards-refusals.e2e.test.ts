import { createHmac, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { openSecrets, query, signedIdentity } from '@tessera/local';
import {
  CheckoutCompleteDocument,
  type CheckoutCompleteInput,
  PaymentDocument,
  PaymentMethodRemoveDocument,
  PaymentRetryDocument,
  TopUpCreateDocument,
  WalletOpenDocument,
} from '@tessera/sdk';
import { ask, send } from './graph/ask.ts';
import {
  beginTopUp,
  buyByCard,
  type CardCheckout,
  checkOutByCard,
  type PaymentMethod,
  pageOf,
  paymentWhen,
  saveCard,
  topUpWhen,
} from './graph/card.ts';
import { payAt } from './graph/hosted-page.ts';
import { must, mustBe } from './graph/must.ts';
import { type Person, register, seeded, walletOf } from './graph/people.ts';
import { type Offer, offer, quoted } from './graph/shop.ts';
import { askSimulator } from './graph/simulator.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const WITHIN_MS = 90_000;
const MIB = 1024 * 1024;

let vendor: Person;
let alice: Person;
let mallory: Person;
let piece: Offer;
let card: PaymentMethod;
let bought: CardCheckout;

beforeAll(async () => {
  vendor = await seeded('vendor3', platform);
  [alice, mallory] = await Promise.all([register(platform), register(platform)]);
  await Promise.all([walletOf(alice), walletOf(mallory)]);
  piece = await offer(vendor, { minor: 2_000n, count: 50 });
  card = await saveCard(alice);
  bought = await buyByCard(alice, piece);
});

async function topUp(person: Person, minor: string, { currency = 'USD', walletId }: { currency?: string; walletId?: string } = {}) {
  const input = { walletId: walletId ?? (await walletOf(person, currency)).id, amount: { currency, minor } };
  return (await person.client.mutate(TopUpCreateDocument, { input })).data.topUpCreate;
}

describe('an amount', () => {
  test.each([
    ['0.49 USD', 'USD', '49', '50', '99999999'],
    ['a million USD and more', 'USD', '100000000', '50', '99999999'],
    ['49 JPY', 'JPY', '49', '50', '99999999'],
  ])('of %s is no top-up, and the answer says what would be one', async (_, currency, minor, minimum, maximum) => {
    const wallet = currency === 'USD' ? undefined : await walletIn(currency);
    const refused = mustBe(await topUp(alice, minor, { currency, ...(wallet && { walletId: wallet }) }), 'AmountNotChargeable');
    expect([refused.code, refused.isRetryable]).toEqual(['AMOUNT_NOT_CHARGEABLE', false]);
    expect([refused.minimum, refused.maximum]).toMatchObject([
      { currency, minor: minimum },
      { currency, minor: maximum },
    ]);
  });

  test(
    'in yen is charged in yen, not in hundredths',
    async () => {
      const walletId = await walletIn('JPY');
      const begun = await beginTopUp(alice, { walletId, amount: { currency: 'JPY', minor: '500' } });
      const paid = await payAt(must(begun.clientAction?.url, 'a page'));
      expect(paid.text).toMatch(/¥500(?!\d|\.)/);
      const done = await topUpWhen(alice, begun.id, ({ state }) => state === 'CAPTURED');
      expect(done.amount).toMatchObject({ minor: '500', decimal: '500' });
      const charges = await askSimulator<readonly { amount: number; currency: string }[]>(platform, 'chargesFor', 'payment_id', begun.id);
      expect(charges).toMatchObject([{ amount: 500, currency: 'jpy' }]);
    },
    WITHIN_MS,
  );

  test(
    'that is too small for a card is refused at the checkout: nothing is placed, and the same cart can be paid otherwise',
    async () => {
      const cheap = await offer(vendor, { kind: 'DIGITAL_UNITS', minor: 10n, count: 1 });
      const { checkout } = await quoted(alice, cheap);
      const { walletId, ...byCard } = checkout;
      const complete = async (input: CheckoutCompleteInput) =>
        (await alice.client.mutate(CheckoutCompleteDocument, { input })).data.checkoutComplete;
      const refused = mustBe(await complete({ ...byCard, tender: 'CARD' }), 'AmountNotChargeable');
      expect([refused.path, refused.minimum]).toMatchObject([['input', 'tender'], { currency: 'USD', minor: '50' }]);
      mustBe(await complete({ ...byCard, walletId, tender: 'WALLET' }), 'CheckoutCompleted');
    },
    WITHIN_MS,
  );

  async function walletIn(currency: string): Promise<string> {
    const opened = mustBe((await alice.client.mutate(WalletOpenDocument, { input: { currency } })).data.walletOpen, 'WalletOpened');
    return must(opened.wallet, 'a wallet').id;
  }
});

describe('what does not go together is named', () => {
  test.each([
    ['a wallet with a card', async () => ({ walletId: (await walletOf(alice)).id }), 'walletId'],
    ['a tender that is not taken', async () => ({ tender: 'PAYPAL' as const }), 'tender'],
    [
      'a saved card with a wallet',
      async () => ({ tender: 'WALLET' as const, walletId: (await walletOf(alice)).id, paymentMethodId: card.id }),
      'paymentMethodId',
    ],
    ['no id of a card', async () => ({ paymentMethodId: 'pm_card_visa' }), 'paymentMethodId'],
  ] as const)('%s', async (_, more, field) => {
    const { checkout } = await quoted(alice, piece);
    const { walletId: _walletId, ...rest } = checkout;
    const input: CheckoutCompleteInput = { ...rest, tender: 'CARD', ...(await more()) };
    const refused = mustBe((await alice.client.mutate(CheckoutCompleteDocument, { input })).data.checkoutComplete, 'InvalidInput');
    expect([refused.code, refused.issues.map(({ path }) => path.at(-1))]).toEqual(['INVALID_INPUT', [field]]);
  });
});

describe('what belongs to somebody else', () => {
  test('is no wallet to top up, even by an amount that is none', async () => {
    const walletId = (await walletOf(alice)).id;
    expect((await topUp(mallory, '1000', { walletId })).__typename).toBe('WalletNotFound');
    expect((await topUp(mallory, '1', { walletId })).__typename).toBe('WalletNotFound');
  });

  test.each([
    ['somebody else’s', () => card.id],
    ['an unknown', () => `pmt_01jd${'0'.repeat(22)}`],
  ])('is no card to pay with: %s', async (_, id) => {
    const { paymentId } = await checkOutByCard(mallory, piece, { paymentMethodId: id() });
    const failed = await paymentWhen(mallory, paymentId, ({ state }) => state === 'FAILED');
    expect([failed.failureReason, failed.attempts.map(({ cardLast4 }) => cardLast4)]).toEqual(['PAYMENT_METHOD_NOT_FOUND', [null]]);
    const input = { paymentMethodId: id() };
    const removed = (await mallory.client.mutate(PaymentMethodRemoveDocument, { input })).data.paymentMethodRemove;
    expect(removed.__typename).toBe('PaymentMethodNotFound');
  });

  test('is no payment to see or to try again', async () => {
    expect((await mallory.client.query(PaymentDocument, { id: bought.paymentId })).data.payment).toBeNull();
    const input = { paymentId: bought.paymentId, tender: 'CARD' as const };
    const retried = (await mallory.client.mutate(PaymentRetryDocument, { input })).data.paymentRetry;
    expect(retried.__typename).toBe('PaymentNotFound');
    const own = (await alice.client.mutate(PaymentRetryDocument, { input })).data.paymentRetry;
    expect(mustBe(own, 'PaymentNotRetryable').state).toBe('CAPTURED');
  });

  test('stays null by every way through the graph, and at the subgraph’s own port', async () => {
    const text = 'query Q($id: ID!) { product(id: $id) { vendor { paymentMethods { id } topUps(first: 5) { totalCount } } } }';
    const { data, codes } = await ask(platform.url, { query: text, variables: { id: piece.productId }, token: mallory.accessToken });
    expect([data, codes]).toEqual([{ product: { vendor: { paymentMethods: null, topUps: null } } }, []]);

    const waiting = await checkOutByCard(alice, piece);
    await pageOf(alice, waiting.paymentId);
    const representations = [
      { __typename: 'Payment', id: waiting.paymentId },
      { __typename: 'User', id: alice.id },
    ];
    const own = await entities(alice, representations);
    expect(own).toMatchObject([{ clientAction: { url: expect.any(String) } }, { paymentMethods: [{ id: card.id }] }]);
    expect(await entities(mallory, representations)).toEqual([null, { paymentMethods: null, topUps: null }]);
  });

  async function entities({ id }: Person, of: readonly Readonly<Record<string, string>>[]) {
    const identity = await signedIdentity({ user: id, roles: ['CUSTOMER'] }, join(platform.dataDir, 'secrets.json'));
    const text = `query E($of: [_Any!]!) { _entities(representations: $of) {
      ... on Payment { state clientAction { url } attempts { cardLast4 } refunds { id } disputes { id } }
      ... on User { paymentMethods { id last4 } topUps(first: 5) { totalCount } } } }`;
    const answer = await send<{ _entities: readonly unknown[] }>(`${platform.subgraphs.payments}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'tessera-identity': identity },
      body: JSON.stringify({ query: text, variables: { of } }),
    });
    expect(answer.errors).toEqual([]);
    return answer.data?._entities;
  }
});

describe('a webhook through the gateway', () => {
  const secret = () => openSecrets(join(platform.dataDir, 'secrets.json')).passwords.stripeWebhook;
  const now = () => Math.floor(Date.now() / 1_000);
  const sign = (body: string, { key = secret(), at = now() } = {}) =>
    `t=${at},v1=${createHmac('sha256', key).update(`${at}.${body}`).digest('hex')}`;
  const event = (id: string) =>
    JSON.stringify({
      id,
      object: 'event',
      type: 'payment_intent.succeeded',
      data: { object: { id: 'pi_forged', object: 'payment_intent' } },
    });

  async function deliver(body: string, signature?: string) {
    const headers = { 'content-type': 'application/json', ...(signature !== undefined && { 'stripe-signature': signature }) };
    const answer = await fetch(`${platform.url}/webhooks/stripe`, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  }

  async function isKept(id: string): Promise<boolean> {
    const rows = await query(platform.verifyUrls.payments ?? '', `select 1 from webhook_inbox where event_id = '${id}'`);
    return rows.length > 0;
  }

  test.each([
    ['with a wrong signature', (body: string) => sign(body, { key: 'whsec_of_somebody_else' })],
    ['with the signature of another body', () => sign('{}')],
    ['that is an hour old', (body: string) => sign(body, { at: now() - 3_600 })],
    ['from the future', (body: string) => sign(body, { at: now() + 3_600 })],
    ['with a signature that is none', () => 't=,v1='],
    ['without a signature', () => undefined],
  ])('%s is refused, and nothing is written', async (_, signature) => {
    const id = `evt_forged${randomUUID().replaceAll('-', '')}`;
    const body = event(id);
    const { status, text } = await deliver(body, signature(body));
    expect([status, text]).toEqual([400, expect.stringContaining('signature')]);
    expect(text).not.toContain('whsec_');
    expect(await isKept(id)).toBe(false);
  });

  test('of an event that happened, signed by somebody else, is refused as well', async () => {
    const events = await askSimulator<readonly { id: string }[]>(platform, 'events');
    const sent = await askSimulator<readonly { attempts: readonly { status: number }[] }[]>(
      platform,
      'forge',
      must(events.at(-1), 'an event').id,
    );
    expect(sent.flatMap(({ attempts }) => attempts.map(({ status }) => status))).toEqual([400]);
  });

  test('of 2 MB is refused by its size', async () => {
    const id = `evt_huge${randomUUID().replaceAll('-', '')}`;
    const body = JSON.stringify({ id, object: 'event', padding: 'x'.repeat(2 * MIB) });
    expect((await deliver(body, sign(body))).status).toBe(413);
    expect(await isKept(id)).toBe(false);
  });

  test('that is signed and no event, or no JSON, is refused', async () => {
    for (const body of ['{}', '[]', 'null', 'no json', '']) expect([body, (await deliver(body, sign(body))).status]).toEqual([body, 400]);
  });

  test('that comes again is taken again, and changes nothing', async () => {
    const before = (await alice.client.query(PaymentDocument, { id: bought.paymentId })).data.payment;
    const charges = await askSimulator<readonly { payment_intent: string }[]>(platform, 'chargesFor', 'payment_id', bought.paymentId);
    const events = await askSimulator<readonly { id: string; data: { object: { id: string; payment_intent?: string } } }[]>(
      platform,
      'events',
    );
    const own = events.filter(({ data: { object } }) => [object.id, object.payment_intent].includes(charges[0]?.payment_intent));
    expect(own.length).toBeGreaterThan(1);
    for (const { id } of own.reverse()) {
      const sent = await askSimulator<readonly { attempts: readonly { status: number }[] }[]>(platform, 'resendTwice', id);
      expect(sent.flatMap(({ attempts }) => attempts.map(({ status }) => status))).toEqual([200, 200]);
    }
    expect((await alice.client.query(PaymentDocument, { id: bought.paymentId })).data.payment).toEqual(before);
  });
});
