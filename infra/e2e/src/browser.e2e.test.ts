import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page, type Response } from 'playwright-core';
import { eventually } from './graph/eventually.ts';
import { must } from './graph/must.ts';
import { register } from './graph/people.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
/** Debian's own browser; another one where CHROMIUM says so. */
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const PICTURES = join(tmpdir(), 'tessera-e2e-pictures');
const PATIENT = 40_000;

let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What goes wrong in the pages: errors of scripts, and requests that leave this machine. */
const troubles: string[] = [];

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
  context = await browser.newContext({ viewport: { width: 1_280, height: 860 } });
  context.on('weberror', (error) => troubles.push(error.error().message));
  context.on('console', (message) => (message.type() === 'error' ? troubles.push(message.text()) : undefined));
  context.on('request', (request) => (/^(data|blob):/.test(request.url()) || request.url().startsWith(platform.url) ? undefined : troubles.push(request.url())));
  page = await context.newPage();
}, PATIENT);

afterAll(async () => {
  await browser?.close();
});

describe('the landing page', () => {
  test('shows what runs, where to go and who to be', async () => {
    await page.goto(platform.url);
    const status = page.locator('#status');
    await status.getByText('ledger').waitFor();
    await picture(page, 'landing');

    for (const part of ['PostgreSQL', 'Redis', 'users', 'catalog', 'orders', 'payments']) expect(await status.getByText(part, { exact: true }).count()).toBe(1);
    expect(await status.getByText('up', { exact: true }).count()).toBe(5);
    for (const name of ['GraphiQL', 'Apollo Sandbox', 'Health', 'Metrics', 'Mailbox']) expect(await page.getByRole('link', { name }).count()).toBe(1);
    expect(await page.getByRole('link', { name: 'Mailbox' }).getAttribute('href')).toBe(platform.mailboxUrl);
    expect(await page.getByRole('button', { name: /^Log in as / }).count()).toBe(6);
    expect(await page.getByText('correct-horse-tessera').count()).toBe(1);
  }, PATIENT);

  test('fits a small screen', async () => {
    const small = await context.newPage();
    await small.setViewportSize({ width: 360, height: 740 });
    await small.goto(platform.url);
    await small.locator('#status').getByText('ledger').waitFor();
    await picture(small, 'landing-small');
    const overflow = await small.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    await small.close();
    expect(overflow).toBe(0);
  }, PATIENT);

  test('logs a person in and leads to GraphiQL with tabs that are filled in', async () => {
    await page.getByRole('button', { name: 'Log in as buyer' }).click();
    await page.waitForURL('**/graphiql');
    await tab(page, 'MyBalance').waitFor();
    await picture(page, 'graphiql');

    const names = ['LogIn', 'Browse', 'AddToCart', 'Quote', 'SendMoney', 'MyOrders', 'MyBalance'];
    for (const name of names) expect(await tab(page, name).count()).toBe(1);
    const held: unknown = await page.evaluate("JSON.parse(localStorage.getItem('tessera.session')).email");
    expect(held).toBe('buyer@tessera.example');
  }, PATIENT);
});

describe('GraphiQL', () => {
  test('browses: products, and the wallets of whoever is logged in', async () => {
    await openTab(page, 'Browse');
    const { data } = await run<{ me: { handle: string; wallets: unknown[] }; products: { edges: { node: { title: string } }[] } }>(page, 'Browse');
    expect(data.me.handle).toBe('buyer');
    expect(data.me.wallets.length).toBeGreaterThan(0);
    expect(data.products.edges).toHaveLength(5);
    await page.locator('.result-window').getByText('"buyer"').waitFor();
    await picture(page, 'browse');
  }, PATIENT);

  test('plays the whole story from left to right, while order and balance move live in other windows', async () => {
    const orders = await liveWindow('MyOrders');
    const balance = await liveWindow('MyBalance');
    await openTab(page, 'AddToCart');
    expect((await run<{ cartLineAdd: { __typename: string } }>(page, 'AddToCart')).data.cartLineAdd.__typename).toBe('CartChanged');
    await openTab(page, 'Quote');
    expect((await run<{ checkoutQuote: { __typename: string } }>(page, 'Quote', 'Quote')).data.checkoutQuote.__typename).toBe('CheckoutQuoted');
    const { checkoutComplete } = (await run<{ checkoutComplete: Bought }>(page, 'Buy', 'Buy')).data;
    expect(checkoutComplete.__typename).toBe('CheckoutCompleted');
    const order = must(checkoutComplete.order, 'an order');

    await eventually(async () => orders.frames.some((frame) => frame.includes(order.number) && frame.includes('"CONFIRMED"')), Boolean);
    await eventually(async () => balance.frames.some((frame) => frame.includes('HOLD_POSTED') && frame.includes(`"${order.total.decimal}"`)), Boolean);
    await orders.page.locator('.result-window').getByText('"orderUpdated"').waitFor();
    await balance.page.locator('.result-window').getByText('"balanceUpdated"').waitFor();
    for (const [shown, name] of [[page, 'bought'], [orders.page, 'order-live'], [balance.page, 'balance-live']] as const) await picture(shown, name);

    await openTab(page, 'SendMoney');
    expect((await run<{ transferCreate: { __typename: string } }>(page, 'SendMoney')).data.transferCreate.__typename).toBe('TransferCreated');
    await eventually(async () => balance.frames.some((frame) => frame.includes('TRANSFER_OUT') && frame.includes('"Thank you"')), Boolean);
    await Promise.all([orders.page.close(), balance.page.close()]);
  }, 90_000);

  test('runs a mutation again as a new act, not as a repetition of the last one', async () => {
    await openTab(page, 'SendMoney');
    const first = await run<{ transferCreate: { transfer: { id: string } } }>(page, 'SendMoney');
    const second = await run<{ transferCreate: { transfer: { id: string } } }>(page, 'SendMoney');
    expect(second.data.transferCreate.transfer.id).not.toBe(first.data.transferCreate.transfer.id);
  }, PATIENT);

  test('keeps the session over a reload', async () => {
    await page.reload();
    await openTab(page, 'Browse');
    expect((await run<{ me: { handle: string } }>(page, 'Browse')).data.me.handle).toBe('buyer');
  }, PATIENT);
});

test('the Sandbox page says what to do where there is no internet', async () => {
  const sandbox = await context.newPage();
  await sandbox.route(/apollographql\.com/, (route) => route.abort());
  await sandbox.goto(`${platform.url}/sandbox`);
  await sandbox.getByText('works without internet').waitFor();
  await picture(sandbox, 'sandbox');
  await sandbox.close();
}, PATIENT);

test('the mailbox shows the letter with the code of somebody who registers', async () => {
  const { email } = await register(platform);
  const mailbox = await context.newPage();
  await mailbox.goto(platform.mailboxUrl);
  await picture(mailbox, 'mailbox');
  await mailbox.getByRole('row', { name: email }).or(mailbox.getByRole('listitem').filter({ hasText: email })).getByRole('link').first().click();
  await picture(mailbox, 'letter');
  expect(await mailbox.content()).toMatch(/your code is \d+/);
  await mailbox.close();
}, PATIENT);

test('no script failed on the way, and nothing was asked from elsewhere', () => {
  expect(troubles.filter((trouble) => !trouble.includes('apollographql.com') && !trouble.startsWith(platform.mailboxUrl) && !/ERR_FAILED/.test(trouble))).toEqual([]);
});

interface Bought {
  readonly __typename: string;
  readonly order?: { readonly number: string; readonly total: { readonly decimal: string } };
}

/** A window in which one subscription runs, and every frame that it gets. */
async function liveWindow(name: string): Promise<{ readonly page: Page; readonly frames: readonly string[] }> {
  const window = await context.newPage();
  const frames: string[] = [];
  window.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  await window.goto(`${platform.url}/graphiql`);
  await openTab(window, name);
  await window.getByRole('button', { name: /^Execute query/ }).click();
  await eventually(async () => frames.some((frame) => frame.includes('connection_ack')), Boolean);
  await window.waitForTimeout(500); // the protocol does not answer a subscribe
  return { page: window, frames };
}

function tab(where: Page, name: string) {
  return where.getByRole('tab', { name, exact: false }).first();
}

async function openTab(where: Page, name: string): Promise<void> {
  await where.bringToFront(); // a window behind others is not drawn, and clicks wait for that
  await tab(where, name).click();
  await where.locator('.query-editor .view-lines, .graphiql-query-editor .view-lines').first().getByText(name).first().waitFor();
}

/** Runs the tab that is open, or one of its operations, and answers what came back. */
async function run<Data>(where: Page, sent: string, operation?: string): Promise<{ readonly data: Data }> {
  const isAnswer = (response: Response) => response.url().endsWith('/graphql') && (response.request().postData() ?? '').includes(sent);
  const answer = where.waitForResponse(isAnswer);
  await where.getByRole('button', { name: /^Execute query/ }).click();
  if (operation) await where.getByRole('menuitem', { name: operation, exact: true }).click();
  return (await (await answer).json()) as { readonly data: Data }; // the caller knows what the tab asks for
}

async function picture(of: Page, name: string): Promise<void> {
  await of.bringToFront();
  await of.screenshot({ path: join(PICTURES, `${name}.png`) });
}
