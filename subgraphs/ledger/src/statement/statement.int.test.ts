import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttpService, type HttpService } from '@tessera/service-kit/service';
import { actAs } from '@tessera/service-kit/testing';
import { parse } from 'csv-parse/sync';
import { aLedger, aUser, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { manyOf, pastOf } from '../../test/history.ts';
import { createDownloadLinks } from './download-link.ts';

let ledger: TestLedger;
let http: HttpService;
let origin: string;
beforeAll(async () => {
  ledger = await aLedger();
  const { log, metrics } = ledger.subgraph.platform;
  http = createHttpService({
    name: 'ledger',
    host: '127.0.0.1',
    port: 0,
    routes: ledger.subgraph.routes,
    health: { required: {} },
    log,
    metrics,
  });
  origin = (await http.listen()).url;
});
afterAll(async () => {
  await http.drain({ timeoutMs: 100 });
  await ledger.close();
});

const STATEMENT = `query ($id: ID!, $from: Date!, $to: Date!, $first: Int, $after: Cursor, $last: Int, $before: Cursor) { wallet(id: $id) { statement(from: $from, to: $to) {
  from to openingBalance { minor } closingBalance { minor } totalIn { minor } totalOut { minor } csvUrl pdfUrl
  lines(first: $first, after: $after, last: $last, before: $before) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { node { createdAt counterparty code note amount { minor decimal } balanceAfter { minor } transfer { id amount { minor } } } } } } } }`;

interface Line {
  readonly amount: { readonly minor: string };
  readonly balanceAfter: { readonly minor: string };
}
interface Statement {
  readonly openingBalance: { readonly minor: string };
  readonly closingBalance: { readonly minor: string };
  readonly totalIn: { readonly minor: string };
  readonly totalOut: { readonly minor: string };
  readonly csvUrl: string;
  readonly pdfUrl: string;
  readonly lines: {
    readonly totalCount: number;
    readonly pageInfo: Readonly<Record<'startCursor' | 'endCursor', string>> & Readonly<Record<'hasNextPage' | 'hasPreviousPage', boolean>>;
    readonly edges: readonly { readonly node: Line }[];
  };
}

const MARCH = { from: '2024-03-01', to: '2024-03-31' };
const PAST = [
  { at: '2024-02-29T23:59:59.999Z', minor: 1_000n, code: 'FUNDING' },
  { at: '2024-03-01T00:00:00.000Z', minor: -100n, note: 'first instant' },
  { at: '2024-03-01T00:00:00.000Z', minor: 50n, state: 'PENDING' as const },
  { at: '2024-03-10T12:00:00.000Z', minor: 300n, note: '=HYPERLINK("http://evil","x")' },
  { at: '2024-03-10T12:00:00.000Z', minor: -7n, note: 'a, "quoted"\nline' },
  { at: '2024-03-31T23:59:59.999Z', minor: -1n, note: 'last instant' },
  { at: '2024-04-01T00:00:00.000Z', minor: 9_999n },
];

async function walletWithPast(): Promise<TestUser> {
  const user = await aUser(ledger);
  await pastOf(ledger, user.walletId, 'USD', PAST);
  return user;
}

async function statementOf(user: TestUser, variables: object = MARCH): Promise<Statement> {
  const { wallet } = await ledger.data<{ wallet: { statement: Statement } }>(user.viewer, STATEMENT, { id: user.walletId, ...variables });
  return wallet.statement;
}

/** The links name the public gateway; here the subgraph answers itself. */
const get = (url: string, init?: RequestInit) => fetch(url.replace('http://127.0.0.1:4000', origin), init);

describe('a statement', () => {
  it('adds up: opening balance, lines of whole UTC days without holds, totals, closing balance', async () => {
    const statement = await statementOf(await walletWithPast());
    expect(statement).toMatchObject({
      ...MARCH,
      openingBalance: { minor: '1000' },
      closingBalance: { minor: '1192' },
      totalIn: { minor: '300' },
      totalOut: { minor: '108' },
    });
    expect(statement.lines).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: false, hasPreviousPage: false } });
    expect(statement.lines.edges.map(({ node }) => [node.amount.minor, node.balanceAfter.minor])).toEqual([
      ['-100', '900'],
      ['300', '1200'],
      ['-7', '1193'],
      ['-1', '1192'],
    ]);
    expect(statement.lines.edges[0]?.node).toMatchObject({
      createdAt: '2024-03-01T00:00:00.000Z',
      counterparty: 'Bank',
      code: 'TRANSFER',
      note: 'first instant',
      amount: { decimal: '-1.00' },
      transfer: { amount: { minor: '100' } },
    });
  });

  it('is empty where nothing moved, with the balance of that time', async () => {
    const user = await walletWithPast();
    const nothing = { totalIn: { minor: '0' }, totalOut: { minor: '0' }, lines: { totalCount: 0, edges: [] } };
    expect(await statementOf(user, { from: '2024-05-01', to: '2024-05-31' })).toMatchObject({
      ...{ openingBalance: { minor: '11191' }, closingBalance: { minor: '11191' } },
      ...nothing,
    });
    expect(await statementOf(user, { from: '2001-01-01', to: '2001-01-01' })).toMatchObject({
      ...{ openingBalance: { minor: '0' }, closingBalance: { minor: '0' } },
      ...nothing,
    });
  });

  it('covers what was posted today, until now', async () => {
    const user = await aUser(ledger, 70n);
    const today = new Date().toISOString().slice(0, 10);
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10); // a day may begin while the test runs
    const statement = await statementOf(user, { from: yesterday, to: today });
    expect(statement).toMatchObject({ openingBalance: { minor: '0' }, closingBalance: { minor: '70' }, lines: { totalCount: 1 } });
  });

  it('has its lines page by page, in both directions, with cursors of its own', async () => {
    const user = await walletWithPast();
    const amounts = ({ lines }: Statement) => lines.edges.map(({ node }) => node.amount.minor);
    const first = await statementOf(user, { ...MARCH, first: 3 });
    expect([amounts(first), first.lines.pageInfo.hasNextPage]).toEqual([['-100', '300', '-7'], true]);
    const rest = await statementOf(user, { ...MARCH, first: 3, after: first.lines.pageInfo.endCursor });
    expect([amounts(rest), rest.lines.pageInfo.hasNextPage]).toEqual([['-1'], false]);
    const back = await statementOf(user, { ...MARCH, last: 2, before: rest.lines.pageInfo.startCursor });
    expect([amounts(back), back.lines.pageInfo.hasPreviousPage]).toEqual([['300', '-7'], true]);
    const last = await statementOf(user, { ...MARCH, last: 1 });
    expect(amounts(last)).toEqual(['-1']);
    const other = { id: user.walletId, from: '2024-03-02', to: '2024-03-31', after: first.lines.pageInfo.endCursor };
    expect((await ledger.ask(user.viewer, STATEMENT, other)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it.each([
    ['ends before it begins', '2024-03-02', '2024-03-01'],
    ['covers more than 366 days', '2023-01-01', '2024-12-31'],
    ['has not begun', '2024-03-01', '2999-01-01'],
    ['is of the year 0', '0000-01-01', '2024-01-01'],
  ])('is refused where it %s', async (_what, from, to) => {
    const user = await aUser(ledger);
    const { data, errors } = await ledger.ask(user.viewer, STATEMENT, { id: user.walletId, from, to });
    expect(errors).toMatchObject([{ path: ['wallet', 'statement'], extensions: { code: 'BAD_USER_INPUT', path: ['to'] } }]);
    expect(data).toEqual({ wallet: null });
  });

  it('of the first year that there is, is empty', async () => {
    expect(await statementOf(await aUser(ledger), { from: '0000-01-01', to: '0000-01-02' })).toMatchObject({
      closingBalance: { minor: '0' },
    });
  });

  it('is for the owner and for those who may read the ledger', async () => {
    const user = await walletWithPast();
    const variables = { id: user.walletId, ...MARCH };
    expect(await ledger.data((await aUser(ledger)).viewer, STATEMENT, variables)).toEqual({ wallet: null });
    expect(await ledger.data(actAs.admin(), STATEMENT, variables)).toMatchObject({
      wallet: { statement: { closingBalance: { minor: '1192' } } },
    });
  });
});

describe('the CSV of a statement', () => {
  it('is the same statement, as RFC 4180, safe for spreadsheets', async () => {
    const { csvUrl } = await statementOf(await walletWithPast());
    const answer = await get(csvUrl);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="statement-USD-2024-03-01-2024-03-31.csv"',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const text = bytes.subarray(3).toString('utf8');
    expect(text.replaceAll(/"[^"]*"/g, '').match(/(?<!\r)\n/)).toBeNull();
    const rows = parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(rows.map(({ code, note, amount, balance }) => [code, note, amount, balance])).toEqual([
      ['OPENING_BALANCE', '', '', '10.00'],
      ['TRANSFER', 'first instant', '-1.00', '9.00'],
      ['TRANSFER', '\'=HYPERLINK("http://evil","x")', '3.00', '12.00'],
      ['TRANSFER', 'a, "quoted"\nline', '-0.07', '11.93'],
      ['TRANSFER', 'last instant', '-0.01', '11.92'],
      ['CLOSING_BALANCE', '', '', '11.92'],
    ]);
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['plain', 'plain'],
  ])('disarms a note that begins like a formula: %j', async (note, written) => {
    const user = await aUser(ledger);
    await pastOf(ledger, user.walletId, 'USD', [{ at: '2024-03-05T00:00:00.000Z', minor: 5n, note }]);
    const text = await (await get((await statementOf(user)).csvUrl)).text();
    expect((parse(text, { columns: true }) as Record<string, string>[])[1]?.note).toBe(written);
  });

  it.each([
    ['JPY', '1200', '-7', '1193'],
    ['KWD', '1.200', '-0.007', '1.193'],
  ] as const)('writes %s with exactly its decimals', async (currency, before, amount, after) => {
    const user = await aUser(ledger);
    const { walletId } = await ledger.subgraph.services.operator.fund({
      ...{ walletOwnerId: user.userId, currency, amountMinor: 1n },
      factKey: `first:${user.userId}`,
    });
    await pastOf(ledger, walletId, currency, PAST);
    const text = await (await get((await statementOf({ ...user, walletId })).csvUrl)).text();
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    expect(rows[2]).toMatchObject({ balance: before, currency });
    expect(rows[3]).toMatchObject({ amount, balance: after, currency });
  });

  it('has every line once, however many pages it takes', async () => {
    const user = await aUser(ledger);
    // Many at the same millisecond, across the bounds of pages.
    await manyOf(ledger, user.walletId, 2_500, '2024-03-05T00:00:00.000Z');
    const text = await (await get((await statementOf(user, { ...MARCH, first: 1 })).csvUrl)).text();
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    expect(rows.slice(1, -1).map(({ amount }) => Math.round(Number(amount) * 100))).toEqual(
      Array.from({ length: 2_500 }, (_, at) => at + 1),
    );
    expect(rows.at(-1)).toMatchObject({ code: 'CLOSING_BALANCE', balance: '31262.50' });
  });
});

describe('the PDF of a statement', () => {
  it('is a document, whatever the notes hold', async () => {
    const user = await aUser(ledger);
    const notes = ['寿司 🍣', 'شكرا', '\u202Eevil', 'W'.repeat(140), 'two\nlines', '\uD800', '%PDF ( \\'];
    const lines = notes.map((note, day) => ({ at: `2024-03-1${day}T00:00:00.000Z`, minor: 5n, note }));
    await pastOf(ledger, user.walletId, 'USD', lines);
    const answer = await get((await statementOf(user)).pdfUrl);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const text = Buffer.from(await answer.arrayBuffer()).toString('latin1');
    expect(text.startsWith('%PDF-1.')).toBe(true);
    expect(text.trimEnd().endsWith('%%EOF')).toBe(true);
    expect(text).toContain('/BaseFont /');
    expect(text.match(/\/Type \/Page\b/g)).toHaveLength(1);
  });
});

describe('a link to a download', () => {
  it('answers HEAD with the headers alone, and no other method', async () => {
    const { csvUrl } = await statementOf(await walletWithPast());
    const head = await get(csvUrl, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-disposition'), await head.text()]).toMatchObject([
      200,
      expect.stringContaining('.csv'),
      '',
    ]);
    expect((await get(csvUrl, { method: 'POST' })).status).toBe(405);
  });

  it('MUST be refused with 403 and a clear text once anything of it was changed', async () => {
    const [user, other] = [await walletWithPast(), await walletWithPast()];
    const { csvUrl, pdfUrl } = await statementOf(user);
    const url = new URL(csvUrl);
    const token = url.searchParams.get('token') ?? '';
    const [body = '', signature = ''] = token.split('.');
    const forged = JSON.parse(Buffer.from(body, 'base64url').toString()) as unknown[];
    const ofOther = Buffer.from(JSON.stringify([other.walletId, ...forged.slice(1)])).toString('base64url');
    const later = Buffer.from(JSON.stringify([...forged.slice(0, -1), Date.now() + 1e9])).toString('base64url');
    const changed = [
      csvUrl.replace('2024-03-31', '2024-04-30'),
      csvUrl.replace('.csv', '.pdf'),
      pdfUrl.replace('.pdf', '.csv'),
      `${url.origin}${url.pathname}`,
      `${url.origin}${url.pathname}?token=`,
      `${url.origin}${url.pathname}?token=${ofOther}.${signature}`,
      `${url.origin}${url.pathname}?token=${later}.${signature}`,
      `${url.origin}${url.pathname}?token=${body}.${signature.slice(0, -1)}`,
      `${url.origin}${url.pathname}?token=${body}.${signature}.x`,
      `${url.origin}${url.pathname}?token=${'x'.repeat(10_000)}`,
      `${url.origin}/statements/../statements/x?token=${token}`,
    ];
    for (const each of changed) {
      const answer = await get(each);
      expect([each, answer.status, await answer.text()]).toEqual([each, 403, expect.stringMatching(/not one that was given out/)]);
    }
  });

  it('MUST be refused once its five minutes are over, and where another secret signed it', async () => {
    const user = await walletWithPast();
    const download = { walletId: user.walletId, currency: 'USD', ...MARCH, format: 'csv', principal: user.viewer.principal } as const;
    const sign = (secret: string, ageMs: number) => createDownloadLinks(secret, origin).sign(download, new Date(Date.now() - ageMs));
    const { secret } = ledger.config;
    expect((await get(sign(secret, 290_000))).status).toBe(200);
    const late = await get(sign(secret, 301_000));
    expect([late.status, await late.text(), late.headers.get('cache-control')]).toEqual([
      403,
      expect.stringMatching(/has expired/),
      'private, no-store',
    ]);
    expect((await get(sign('x'.repeat(43), 0))).status).toBe(403);
  });

  it('takes no more than two at a time of one principal, and gives the place back', async () => {
    const user = await aUser(ledger);
    await manyOf(ledger, user.walletId, 40_000, '2024-03-31T00:00:00.000Z', 'note '.repeat(28));
    const { csvUrl } = await statementOf(user, { ...MARCH, first: 1 });
    const leave = new AbortController();
    const slow = await Promise.all([1, 2].map(() => get(csvUrl, { signal: leave.signal })));
    expect(slow.map(({ status }) => status)).toEqual([200, 200]);
    const third = await get(csvUrl);
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '5']);
    leave.abort();
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const answer = await get(csvUrl, { method: 'GET' });
      if (answer.status === 200) return expect((await answer.text()).split('\r\n').length).toBeGreaterThan(40_000);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('The place was never given back.');
  });
});
