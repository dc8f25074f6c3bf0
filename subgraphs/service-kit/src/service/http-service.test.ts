import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { InvariantViolation, TesseraError } from '../errors/index.ts';
import { createHttpService, createLogger, createMetrics, type HttpService, type HttpServiceOptions, type RawRequest } from './index.ts';

const opened: HttpService[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((service) => service.drain({ timeoutMs: 100 })));
});

async function start(options: Partial<HttpServiceOptions> = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({ service: 'kit', level: 'info', destination: { write: (line) => void lines.push(JSON.parse(line)) } });
  const service = createHttpService({
    name: 'kit',
    host: '127.0.0.1',
    port: 0,
    routes: [],
    health: { required: {} },
    log,
    metrics: createMetrics('kit'),
    ...options,
  });
  opened.push(service);
  return { service, lines, ...(await service.listen()) };
}

const echo = { method: 'POST', path: '/echo', handler: async (request: RawRequest) => ({ status: 200, body: await request.body() }) };
const get = (path: string, handler: (request: RawRequest) => ReturnType<HttpServiceOptions['routes'][number]['handler']>) => ({
  method: 'GET',
  path,
  handler,
});

describe('routes', () => {
  test('see method, path, query, headers and body', async () => {
    let seen: RawRequest | undefined;
    const { url } = await start({
      routes: [
        {
          method: '*',
          path: '/files/*',
          handler: async (request) => {
            seen = request;
            return { status: 201, headers: { 'x-a': '1' }, body: await request.body() };
          },
        },
      ],
    });
    const answer = await fetch(`${url}/files/a%20b?x=1&x=2`, { method: 'PUT', body: 'héllo', headers: { 'x-b': '2' } });
    expect([answer.status, answer.headers.get('x-a'), await answer.text()]).toEqual([201, '1', 'héllo']);
    expect(seen).toMatchObject({ method: 'PUT', path: '/files/a%20b', clientAddress: '127.0.0.1', headers: { 'x-b': '2' } });
    expect(seen?.query.getAll('x')).toEqual(['1', '2']);
    expect(await seen?.body()).toEqual(Buffer.from('héllo'));
  });

  test('match exactly first, then by the longest prefix', async () => {
    const named = (path: string) => get(path, () => ({ status: 200, body: path }));
    const { url } = await start({ routes: [named('/a/*'), named('/a/b/*'), named('/a/b/c')] });
    const texts = await Promise.all(['/a/x', '/a/b/x', '/a/b/c', '/a/b/c?q'].map(async (path) => (await fetch(url + path)).text()));
    expect(texts).toEqual(['/a/*', '/a/b/*', '/a/b/c', '/a/b/c']);
  });

  test('answer 404 for no path and 405 for another method', async () => {
    const { url } = await start({ routes: [echo] });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    const answer = await fetch(`${url}/echo`);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('that answer GET also answer HEAD, without a body', async () => {
    const { url } = await start({ routes: [get('/a', () => ({ status: 200, body: 'four' }))] });
    const answer = await fetch(`${url}/a`, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '4', '']);
  });

  test('MUST NOT claim the same requests twice', async () => {
    await expect(start({ routes: [echo, echo] })).rejects.toThrow(InvariantViolation);
    await expect(start({ routes: [get('/metrics', () => ({ status: 200 }))] })).rejects.toThrow(InvariantViolation);
  });
});

describe('bodies', () => {
  const small = { ...echo, maxBodyBytes: 10 };

  test('are taken up to the bound of the route', async () => {
    const { url } = await start({ routes: [small] });
    expect((await fetch(`${url}/echo`, { method: 'POST', body: 'x'.repeat(10) })).status).toBe(200);
    const answer = await fetch(`${url}/echo`, { method: 'POST', body: 'x'.repeat(11) });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT', limitBytes: 10 } }] });
  });

  test('of 20 MB in chunks are refused at the bound, by an answer that arrives', async () => {
    const { url } = await start({ routes: [echo] });
    const chunks = Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(1024 * 1024)));
    const answer = await fetch(`${url}/echo`, {
      method: 'POST',
      body: Readable.toWeb(chunks) as ReadableStream,
      duplex: 'half',
    } as RequestInit); // `duplex` is not in the types
    expect(answer.status).toBe(413);
  });

  test('are 256 KB at most unless a route says more', async () => {
    const { url } = await start({ routes: [echo, { ...echo, path: '/import', maxBodyBytes: 1_000_000 }] });
    const body = 'x'.repeat(256 * 1024 + 1);
    expect((await fetch(`${url}/echo`, { method: 'POST', body })).status).toBe(413);
    expect((await fetch(`${url}/import`, { method: 'POST', body })).status).toBe(200);
  });

  test('that are compressed are refused: no bomb is ever inflated', async () => {
    const { url } = await start({ routes: [echo] });
    const answer = await fetch(`${url}/echo`, { method: 'POST', body: 'x', headers: { 'content-encoding': 'gzip' } });
    expect(answer.status).toBe(400);
  });
});

describe('answers', () => {
  test('stream, and the stream ends when the client goes away', async () => {
    let destroyed = false;
    let aborted = false;
    const { url, lines } = await start({
      routes: [
        get('/ticks', (request) => {
          const body = new Readable({ read: () => undefined });
          request.signal.addEventListener('abort', () => {
            aborted = true;
          });
          body.once('close', () => {
            destroyed = true;
          });
          body.push('tick');
          return { status: 200, body };
        }),
      ],
    });
    const client = new AbortController();
    const answer = await fetch(`${url}/ticks`, { signal: client.signal });
    expect(new TextDecoder().decode((await answer.body?.getReader().read())?.value)).toBe('tick');
    client.abort();
    await until(() => destroyed && aborted && lines.length > 0);
    expect(lines).toEqual([expect.objectContaining({ msg: 'request', isAborted: true })]);
  });

  test('to a thrown TesseraError say its code, data and when to retry', async () => {
    const fail = () => {
      throw new TesseraError('RATE_LIMITED', 'Slow down.', { retryAfterMs: 1_500 });
    };
    const { url } = await start({ routes: [get('/a', fail)] });
    const answer = await fetch(`${url}/a`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2']);
    expect(await answer.json()).toEqual({ errors: [{ message: 'Slow down.', extensions: { code: 'RATE_LIMITED', retryAfterMs: 1_500 } }] });
  });

  test('keep their code whatever the data says', async () => {
    const fail = () => {
      throw new TesseraError('FORBIDDEN', 'No.', { code: 'INTERNAL' });
    };
    const { url } = await start({ routes: [get('/a', fail)] });
    expect(await (await fetch(`${url}/a`)).json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  test('to any other fault are masked, and lead to the log', async () => {
    const { url, lines } = await start({ routes: [get('/a', () => Promise.reject(new Error('password is hunter2')))] });
    const answer = await fetch(`${url}/a`, { headers: { 'x-request-id': 'req-7' } });
    const text = await answer.text();
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([500, 'req-7']);
    expect(text).toContain('req-7');
    expect(text).not.toContain('hunter2');
    expect(lines).toContainEqual(expect.objectContaining({ level: 'error', requestId: 'req-7', msg: 'request failed' }));
  });
});

describe('what a service tells about its requests', () => {
  test('is one line each, with request and trace id and without the query', async () => {
    const { url, lines } = await start({ routes: [get('/a', () => ({ status: 204 }))] });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await fetch(`${url}/a?token=hunter2`, { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'x-request-id': 'req-1' } });
    await fetch(`${url}/health/live`);
    await until(() => lines.length > 0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      msg: 'request',
      requestId: 'req-1',
      traceId,
      method: 'GET',
      path: '/a',
      status: 204,
      durationMs: expect.any(Number),
    });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  test('is measured by route, never by path', async () => {
    const { url } = await start({ routes: [get('/files/*', () => ({ status: 200 }))] });
    for (const path of ['/files/1', '/files/2', '/nowhere/1', '/nowhere/2']) await (await fetch(url + path)).text();
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toMatch(/_count\{service="kit",method="GET",route="\/files\/\*",status="200"\} 2/);
    expect(text).toMatch(/_count\{service="kit",method="GET",route="unmatched",status="404"\} 2/);
  });

  test('stays apart from other services of the process', async () => {
    const [one, two] = [createMetrics('one'), createMetrics('two')];
    one.counter({ name: 'things_total', help: 'Things.' }).inc();
    two.counter({ name: 'things_total', help: 'Things.' }).inc(5);
    expect(await one.text()).toContain('things_total{service="one"} 1');
  });

  test('takes the client address from as many proxies as it trusts', async () => {
    const address = get('/address', ({ clientAddress }) => ({ status: 200, body: clientAddress }));
    const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' };
    const [none, one] = [await start({ routes: [address] }), await start({ routes: [address], trustedProxyHops: 1 })];
    expect(await (await fetch(`${none.url}/address`, { headers })).text()).toBe('127.0.0.1');
    expect(await (await fetch(`${one.url}/address`, { headers })).text()).toBe('203.0.113.7');
    expect(await (await fetch(`${one.url}/address`)).text()).toBe('127.0.0.1');
  });
});

describe('health', () => {
  test('is live whatever its dependencies do', async () => {
    const { url } = await start({ health: { required: { database: () => Promise.reject(new Error('down')) } } });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  test('is ready when what is required works; what is soft is only reported', async () => {
    const { url } = await start({
      health: { required: { database: async () => 1 }, soft: { redis: () => Promise.reject(new Error('redis://:hunter2@r')) } },
    });
    const answer = await fetch(`${url}/health/ready`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'ready', required: { database: 'ok' }, soft: { redis: 'failed' } });
  });

  test('is not ready when a required check fails or does not answer in time', async () => {
    const { url } = await start({
      health: { required: { hangs: () => new Promise(() => undefined), fails: () => Promise.reject(new Error('down')) } },
    });
    const startedAt = performance.now();
    const answer = await fetch(`${url}/health/ready`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ status: 'not ready', required: { hangs: 'timeout', fails: 'failed' }, soft: {} });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('a drain', () => {
  test('lets running requests finish, refuses new connections and closes idle ones', async () => {
    let finish: () => void = () => undefined;
    const slow = get('/slow', async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return { status: 200, body: 'done' };
    });
    const { url, service, port } = await start({ routes: [slow] });
    const agent = new Agent({ keepAlive: true });
    await plainGet(`${url}/health/live`, agent);
    const idle = Object.values(agent.freeSockets)[0]?.[0];
    const running = fetch(`${url}/slow`);
    await sleep(50);

    const drained = service.drain();
    await until(() => idle?.destroyed === true);
    await expect(canConnect(port)).resolves.toBe(false);
    finish();
    const answer = await running;
    expect([answer.headers.get('connection'), await answer.text()]).toEqual(['close', 'done']);
    await drained;
    agent.destroy();
  });

  test('says 503 to readiness probes while it lingers', async () => {
    const { url, service } = await start();
    const drained = service.drain({ lingerMs: 200 });
    const answer = await fetch(`${url}/health/ready`);
    expect([answer.status, answer.headers.get('connection'), await answer.json()]).toEqual([503, 'close', { status: 'draining' }]);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    await drained;
  });

  test.each([
    ['are turned away', true],
    ['were handed over', false],
  ])('MUST not end the process when clients reset connections that %s', async (_title, isDraining) => {
    const { service, port } = await start({ onUpgrade: () => undefined });
    const failures: unknown[] = [];
    const note = (error: unknown) => failures.push(error);
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        await once(socket, 'connect');
        socket.write('GET /live HTTP/1.1\r\nHost: a\r\n');
        return socket;
      }),
    );
    await sleep(50);
    const drained = isDraining ? service.drain({ timeoutMs: 300 }) : undefined;
    // Jest has its own listeners for what nobody handles: they are put aside for the moment.
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', note);
    for (const socket of sockets) socket.write('Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await sleep(5);
    for (const socket of sockets) socket.resetAndDestroy();
    await sleep(100);
    process.off('uncaughtException', note);
    for (const other of others) process.on('uncaughtException', other);
    await drained;
    expect(failures).toEqual([]);
  });

  test('cuts off what does not finish within its bound, upgraded sockets too', async () => {
    const { url, port, service } = await start({
      routes: [get('/never', () => new Promise<never>(() => undefined))],
      onUpgrade: (_request, socket) =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    });
    const running = fetch(`${url}/never`).catch(() => 'cut off');
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /graphql HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).toContain('101 Switching Protocols');
    const closed = once(socket, 'close');
    const startedAt = performance.now();
    await Promise.all([service.drain({ timeoutMs: 200 }), service.drain()]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(await running).toBe('cut off');
    await closed;
  });
});

test('an offer of HTTP/2 is answered as an ordinary request', async () => {
  const { port } = await start({ onUpgrade: (_request, socket) => socket.destroy() });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n');
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK/);
  socket.destroy();
});

test('headers that come too slowly end the connection', async () => {
  const { port } = await start({ headersTimeoutMs: 1_000 });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
  const drip = setInterval(() => socket.write('x-slow: 1\r\n'), 500);
  socket.on('error', () => undefined);
  const startedAt = performance.now();
  // A drip that meets the closed end is answered by a reset, which is an end as well: `once` would refuse it.
  await new Promise((closed) => socket.resume().once('close', closed));
  clearInterval(drip);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test('a port that is taken is an error of listen', async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (isSo()) return;
    await sleep(10);
  }
  throw new Error('It did not become so within 2 s.');
}

function plainGet(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { agent }, (answer) => answer.resume().once('end', () => setImmediate(resolve)))
      .once('error', reject)
      .end();
  });
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
