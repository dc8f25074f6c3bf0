import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { register } from './graph/people.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
/** For a person to look at. */
const PICTURES = join(tmpdir(), 'tessera-e2e-pictures');
const PATIENT = 150_000;
const READING_MS = 700;
const EDITOR = '.graphiql-query-editor';

let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  const executablePath = process.env.CHROMIUM ?? BROWSERS.find((path) => existsSync(path));
  if (!executablePath) throw new Error('These tests need Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM.');
  browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  context = await browser.newContext({ viewport: { width: 1_280, height: 860 } });
  page = await context.newPage();
}, PATIENT);
afterAll(() => browser?.close());

describe('the landing page', () => {
  test(
    'leads to every tool of the stack',
    async () => {
      await page.goto(platform.url);
      await page.locator('#status').getByText('ledger').waitFor();
      await picture('landing');
      for (const name of ['GraphiQL', 'Apollo Sandbox', 'Health', 'Metrics', 'Mailbox']) {
        const target = await page.getByRole('link', { name }).getAttribute('href');
        expect((await fetch(new URL(target ?? '', platform.url))).status).toBe(200);
      }
      expect(await page.getByText('correct-horse-tessera').count()).toBe(1);
    },
    PATIENT,
  );

  test(
    'fits a small screen',
    async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      await picture('landing-small');
      const overflow: unknown = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      await page.setViewportSize({ width: 1_280, height: 860 });
      expect(overflow).toBe(0);
    },
    PATIENT,
  );
});

describe('GraphiQL', () => {
  test(
    'knows who is logged in, also after a reload',
    async () => {
      await page.goto(platform.url);
      await page.getByRole('button', { name: 'Log in as friend' }).click();
      await page.waitForURL('**/graphiql');
      expect((await run<{ me: { handle: string } }>('Browse')).me.handle).toBe('friend');
      await picture('browse');
      await page.reload();
      expect((await run<{ me: { handle: string } }>('Browse')).me.handle).toBe('friend');
    },
    PATIENT,
  );

  test(
    'runs a mutation again as a new act, not as a repetition of the last one',
    async () => {
      await page.goto(platform.url);
      await page.getByRole('button', { name: 'Log in as buyer' }).click();
      await page.waitForURL('**/graphiql');
      await run('Browse');
      const first = await run<Sent>('SendMoney');
      const second = await run<Sent>('SendMoney');
      expect([first, second].map(({ transferCreate }) => transferCreate.__typename)).toEqual(['TransferCreated', 'TransferCreated']);
      expect(second.transferCreate.transfer?.id).not.toBe(first.transferCreate.transfer?.id);
    },
    PATIENT,
  );
});

test(
  'the Sandbox page says what to do where there is no internet',
  async () => {
    await page.route(/apollographql\.com/, (route) => route.abort());
    await page.goto(`${platform.url}/sandbox`);
    await page.getByText('works without internet').waitFor();
    await picture('sandbox');
  },
  PATIENT,
);

test(
  'the mailbox shows the letter with the code of somebody who registers',
  async () => {
    const { email } = await register(platform);
    await page.goto(platform.mailboxUrl);
    await picture('mailbox');
    await page.getByRole('row', { name: email }).getByRole('link').click();
    await page.getByText(/your code is \d+/).waitFor();
    await picture('letter');
  },
  PATIENT,
);

interface Sent {
  readonly transferCreate: { readonly __typename: string; readonly transfer?: { readonly id: string } };
}

/** Runs the tab of this name and answers what came back. */
async function run<Data>(tab: string): Promise<Data> {
  await page.locator(`${EDITOR} .view-line`).first().waitFor();
  await page.getByRole('tab', { name: tab }).first().click();
  await page.locator(EDITOR).getByText(tab).first().waitFor();
  await page.waitForTimeout(READING_MS); // GraphiQL looks for operations a moment after the text has changed
  const answer = page.waitForResponse(
    (response) => response.url().endsWith('/graphql') && (response.request().postData() ?? '').includes(tab),
  );
  await page.getByRole('button', { name: /^Execute query/ }).click();
  const { data } = (await (await answer).json()) as { readonly data: Data }; // the caller knows what the tab asks for
  return data;
}

async function picture(name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}
