import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startToyPlatform, type ToyPlatform } from '../../test/toy-platform.ts';

let platform: ToyPlatform;
beforeAll(async () => {
  platform = await startToyPlatform({
    landing: {
      links: [{ title: 'Mailbox', url: 'http://127.0.0.1:8025' }],
      stores: [
        { name: 'PostgreSQL', why: 'embedded' },
        { name: 'Redis', why: 'REDIS_URL is set' },
      ],
      status: async () => [
        { name: 'PostgreSQL', kind: 'store', isUp: false },
        { name: 'users', kind: 'subgraph', isUp: null, detail: 'in this process' },
        { name: 'Mailbox', kind: 'tool', isUp: true },
      ],
      accounts: [{ email: 'buyer@tessera.example', displayName: '</script><b>Bea', roles: ['CUSTOMER'], password: 'pw' }],
    },
  });
});
afterAll(() => platform.close());

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(platform.url + path, { headers, redirect: 'manual' });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

describe('the landing page', () => {
  test('shows accounts and links, with nothing that a name could run', async () => {
    const { status, headers, text } = await get('/');
    expect(status).toBe(200);
    expect(text).toContain('Log in as buyer');
    expect(text).toContain('href="http://127.0.0.1:8025"');
    expect(text).not.toContain('<b>Bea');
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self' 'sha256-[^;]+';/);
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
  });

  test('shows a page to come back to after a payment, which takes nothing from its address', async () => {
    const { status, headers, text } = await get('/pay/return?orderId=%3C/script%3E%3Cb%3E&outcome=done');
    expect(status).toBe(200);
    expect(text).toBe((await get('/pay/return')).text);
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self' 'sha256-[^;]+';/);
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
  });

  test('knows what runs', async () => {
    expect(JSON.parse((await get('/status.json')).text)).toEqual([
      { name: 'PostgreSQL', kind: 'store', isUp: false, detail: 'embedded' },
      { name: 'Redis', kind: 'store', isUp: null, detail: 'REDIS_URL is set' },
      { name: 'users', kind: 'subgraph', isUp: true, detail: 'in this process' },
      { name: 'orders', kind: 'subgraph', isUp: true },
      { name: 'ledger', kind: 'subgraph', isUp: true },
      { name: 'Mailbox', kind: 'tool', isUp: true },
    ]);
  });

  test('is what a browser gets to instead of the endpoint', async () => {
    const { status, headers } = await get('/graphql', { accept: 'text/html' });
    expect([status, headers.get('location')]).toEqual([302, '/graphiql']);
  });

  test.each([
    '/graphiql/entry.json',
    '/graphiql/assets/%2e%2e/entry.json',
    '/graphiql/assets/..%2f..%2fgateway.js',
    '/graphiql/assets/%00',
    '/graphiql/assets/%zz',
  ])('gives no file outside its bundle: %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });
});

test('production shows no tools and answers no introspection', async () => {
  const production = await startToyPlatform({ config: { isProduction: true } });
  try {
    const paths = ['/graphiql', '/sandbox', '/status.json'];
    expect(await Promise.all(paths.map(async (path) => (await fetch(production.url + path)).status))).toEqual([404, 404, 404]);
    const page = await fetch(`${production.url}/pay/return`);
    expect([page.status, await page.text()]).toEqual([200, expect.not.stringContaining('/graphiql')]);
    const response = await fetch(`${production.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __schema { queryType { name } } }"}',
    });
    expect(response.status).toBe(400);
  } finally {
    await production.close();
  }
});
