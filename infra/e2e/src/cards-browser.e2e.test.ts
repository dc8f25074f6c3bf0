import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openVisitor, overflowAt, picture, runTab, type Visitor } from './graph/browser.ts';
import { eventually } from './graph/eventually.ts';
import { must } from './graph/must.ts';
import { askSimulator } from './graph/simulator.ts';
import { type Platform, type StartedPlatform, startPlatform } from './platform/platform.ts';

const PATIENT = 90_000;
const SMALL = 360;

let started: StartedPlatform;
let platform: Platform;
let visitor: Visitor;
let graphiql: Page;

beforeAll(async () => {
  // A shop of its own: the tabs buy what is newest in it, and webhooks are held back.
  started = await startPlatform();
  platform = started.platform;
  visitor = await openVisitor();
  graphiql = await visitor.context.newPage();
  await graphiql.goto(platform.url);
  await graphiql.getByRole('cell', { name: 'Stripe simulator', exact: true }).waitFor();
  await picture(graphiql, 'cards-landing');
  await graphiql.getByRole('button', { name: 'Log in as buyer' }).click();
  await graphiql.waitForURL('**/graphiql');
  await runTab(graphiql, 'Browse');
}, 180_000);
afterAll(async () => {
  await visitor?.close();
  await started?.process.end();
});

interface Payment {
  readonly state: string;
  readonly clientAction: { readonly url: string } | null;
}

/** Buys by the tabs, and opens the page to pay at in a window of its own. */
async function pageToPayAt(): Promise<Page> {
  await runTab(graphiql, 'AddToCart');
  await runTab(graphiql, 'QuoteCart', 'PayByCard', 'PayAtPage');
  const { checkoutComplete } = await runTab<{ checkoutComplete: { __typename: string } }>(graphiql, 'PayByCard', 'QuoteCart', 'PayAtPage');
  expect(checkoutComplete.__typename).toBe('CheckoutCompleted');
  const look = async () => {
    const { orders } = await runTab<{ orders: { edges: { node: { payments: Payment[] } }[] } }>(
      graphiql,
      'PayAtPage',
      'PayByCard',
      'QuoteCart',
    );
    return orders.edges[0]?.node.payments[0];
  };
  const payment = await eventually(look, (seen) => seen?.state === 'REQUIRES_ACTION');
  const page = await visitor.context.newPage();
  await page.goto(must(payment?.clientAction, 'something to do for the customer').url);
  return page;
}

describe('a person who pays by card', () => {
  test(
    'comes back from the page and sees the order confirmed, without a reload',
    async () => {
      const page = await pageToPayAt();
      expect(new URL(page.url()).origin).toBe(platform.stripeSimulatorUrl);
      await picture(page, 'cards-hosted-page');
      expect(await overflowAt(page, SMALL, 'cards-hosted-page-small')).toBe(0);

      await askSimulator(platform, 'hold', 'ALL');
      await page.getByRole('button', { name: /^Pay \$/ }).click();
      await page.getByText('Payment successful').waitFor();
      await picture(page, 'cards-paid');
      await page.waitForURL('**/pay/return?**');
      await page.locator('#state').getByText('PENDING_PAYMENT').waitFor();
      await page.getByText('Live: changes show by themselves.').waitFor();
      await picture(page, 'cards-return-waiting');
      await page.evaluate('window.isTheSamePage = true');

      await askSimulator(platform, 'release', 'ALL');
      await page.locator('#state').getByText('CONFIRMED').waitFor();
      expect(await page.evaluate('window.isTheSamePage')).toBe(true);
      await page.getByText(/^Paid: /).waitFor();
      await picture(page, 'cards-return-confirmed');
      expect(await overflowAt(page, SMALL, 'cards-return-small')).toBe(0);
      await page.close();
    },
    PATIENT,
  );

  test(
    'is declined, told why, and leaves',
    async () => {
      const page = await pageToPayAt();
      await page.getByRole('button', { name: 'Decline' }).click();
      await page.getByRole('alert').getByText('Your card was declined.').waitFor();
      await picture(page, 'cards-declined');
      await page.getByRole('button', { name: 'Leave without paying' }).click();
      await page.waitForURL('**/pay/return?**outcome=cancelled**');
      await page.getByText('You left the payment page').waitFor();
      await picture(page, 'cards-return-cancelled');

      await page.getByRole('link', { name: 'Back to the payment page' }).click();
      await page.getByRole('button', { name: 'Insufficient funds' }).click();
      await page.getByRole('alert').getByText('insufficient funds').waitFor();
      await page.close();
    },
    PATIENT,
  );

  test(
    'proves to the bank who they are',
    async () => {
      const page = await pageToPayAt();
      await page.getByRole('button', { name: '3-D Secure' }).click();
      await page.getByRole('heading', { name: '3-D Secure' }).waitFor();
      await picture(page, 'cards-3d-secure');
      expect(await overflowAt(page, SMALL, 'cards-3d-secure-small')).toBe(0);
      await page.getByRole('button', { name: 'Complete' }).click();
      await page.waitForURL('**/pay/return?**');
      await page.locator('#state').getByText('CONFIRMED').waitFor();
      await page.close();
    },
    PATIENT,
  );

  test(
    'tops up the wallet, and sees the money come in',
    async () => {
      const { topUpCreate } = await runTab<{ topUpCreate: { topUp: { clientAction: { url: string } | null } } }>(graphiql, 'TopUp');
      const page = await visitor.context.newPage();
      const url = topUpCreate.topUp.clientAction?.url;
      expect(url).toBeTruthy(); // a person has no other way to the page
      await page.goto(must(url, 'a page'));
      await page.getByRole('button', { name: /^Pay \$/ }).click();
      await page.waitForURL('**/pay/return?**outcome=top-up**');
      await page.locator('#state').getByText('TOPPED UP').waitFor();
      await picture(page, 'cards-return-top-up');
      await page.close();
    },
    PATIENT,
  );
});

describe('the dashboard of the simulator', () => {
  test(
    'is linked from the landing page, and sends an event again',
    async () => {
      const page = await visitor.context.newPage();
      await page.goto(platform.url);
      await page.getByRole('link', { name: 'Stripe simulator' }).first().click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await picture(page, 'cards-dashboard');
      expect(await overflowAt(page, SMALL, 'cards-dashboard-small')).toBe(0);

      const events = page.locator('#events details');
      const event = events.filter({ has: page.locator('summary', { hasText: 'checkout.session.completed' }) }).first();
      await event.locator('summary').click();
      await picture(page, 'cards-event');
      await event.getByRole('button', { name: 'Send again' }).click();
      await event.locator('summary').click(); // the page is a new one
      await event.getByText('Resend').waitFor();
      expect(await event.locator('li', { hasText: 'Resend' }).innerText()).toContain('HTTP 200');
      await picture(page, 'cards-event-sent-again');

      await page.locator('#payments a').first().click();
      await page.getByRole('heading', { name: 'PaymentIntent' }).waitFor();
      await picture(page, 'cards-dashboard-payment');
      await page.close();
    },
    PATIENT,
  );
});

test('no script fails, and nothing is loaded from elsewhere', () => {
  expect(visitor.faults).toEqual([]);
  expect([...visitor.origins].sort()).toEqual([new URL(platform.url).origin, must(platform.stripeSimulatorUrl, 'a simulator')].sort());
});
