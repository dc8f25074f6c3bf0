import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { bytesHoldControls } from '../execution/data/wire.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { SubgraphTimeout, SubgraphUnreachable } from './transport.ts';

const HEAD = 'POST /graphql HTTP/1.1\r\nhost: a\r\n';
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Peer {
  readonly client: HttpClient;
  /** Every request as it came, in order. */
  readonly requests: string[];
  readonly sockets: Socket[];
  post(options?: { body?: string; isRepeatable?: boolean; timeoutMs?: number }): ReturnType<HttpClient['post']>;
}

/** A server that answers the bytes it is told to, and a client of it. */
async function peer(answer: (socket: Socket, index: number) => void): Promise<Peer> {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => answer(socket, requests.push(bytes.toString('latin1')) - 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = createHttpClient('orders', { host: '127.0.0.1', port, isSecure: false });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  closers.push(() => client.close());
  return {
    client,
    requests,
    sockets,
    post: ({ body = '{}', isRepeatable = false, timeoutMs = 10_000 } = {}) => client.post({ head: HEAD, body, isRepeatable, timeoutMs }),
  };
}

const answering = (text: string) => peer((socket) => socket.write(text, 'latin1'));
const WHOLE = 'HTTP/1.1 200 OK\r\ncontent-length: 11\r\ntessera-committed: c.1\r\n\r\n{"data":{}}';

describe('the HTTP client of subgraphs', () => {
  it('sends one message with its length, and uses the connection again', async () => {
    const { post, requests, sockets } = await answering(WHOLE);
    expect(await post({ body: 'a\xc3\xbc' })).toEqual({ statusCode: 200, committed: 'c.1', text: '{"data":{}}', isPlain: true });
    await post();
    expect([requests[0], requests.length, sockets.length]).toEqual([`${HEAD}content-length: 3\r\n\r\na\xc3\xbc`, 2, 1]);
  });

  it.each([
    ['with a length', WHOLE, '{"data":{}}'],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n{"dat\r\n06\r\na":{}}\r\n0\r\nx: y\r\n\r\n',
      '{"data":{}}',
    ],
    ['after an interim answer', `HTTP/1.1 100 Continue\r\n\r\n${WHOLE}`, '{"data":{}}'],
  ])('reads an answer %s, also where every byte comes for itself', async (_title, text, expected) => {
    expect((await (await answering(text)).post()).text).toBe(expected);
    const slow = await peer((socket) => {
      void (async () => {
        for (const character of text) {
          socket.write(character, 'latin1');
          await new Promise(setImmediate);
        }
      })();
    });
    slow.sockets[0]?.setNoDelay(true);
    expect((await slow.post()).text).toBe(expected);
    expect((await slow.post()).text).toBe(expected);
    expect(slow.sockets).toHaveLength(1);
  });

  it('reads megabytes in pieces', async () => {
    const body = `{"data":"${'x'.repeat(3_000_000)}"}`;
    const { post } = await answering(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    expect((await post()).text).toBe(body);
  });

  it('reads a hundred thousand chunks of one byte', async () => {
    const { post } = await answering(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(100_000)}0\r\n\r\n`);
    expect((await post()).text).toBe('x'.repeat(100_000));
  });

  it('puts answers of different lengths together on one connection', async () => {
    const lengths = [100_000, 400_000, 70_000, 90_000, 3];
    const bodies = lengths.map((length, index) => String(index).repeat(length));
    const { post, sockets } = await peer((socket, index) => {
      const body = bodies[index] ?? '';
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 2)}`);
      setImmediate(() => socket.write(body.slice(2)));
    });
    for (const body of bodies) expect((await post()).text === body).toBe(true);
    expect(sockets).toHaveLength(1);
  });

  it('an answer without a length ends with its connection, which is not used again', async () => {
    const { post, sockets } = await peer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n{"data":{}}'));
    expect([(await post()).text, (await post()).text, sockets.length]).toEqual(['{"data":{}}', '{"data":{}}', 2]);
  });

  it('leaves a connection alone that the other side is about to close', async () => {
    const { post, sockets } = await answering('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nkeep-alive: timeout=1\r\n\r\n{}');
    await post();
    await post();
    expect(sockets).toHaveLength(2);
  });

  it.each([
    ['no HTTP', 'SSH-2.0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}'],
    ['a blank before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 5\r\ncontent-length: 2\r\n\r\n{}'],
    ['a line that goes on in the next', 'HTTP/1.1 200 OK\r\nx: y\r\n content-length: 5\r\ncontent-length: 2\r\n\r\n{}'],
    ['a line feed alone', 'HTTP/1.1 200 OK\r\nx: y\ncontent-length: 5\r\ncontent-length: 2\r\n\r\n{}'],
    ['a carriage return alone', 'HTTP/1.1 200 OK\r\nx: y\rz: 5\r\ncontent-length: 2\r\n\r\n{}'],
    ['a null character', 'HTTP/1.1 200 OK\r\nx: \0\r\ncontent-length: 2\r\n\r\n{}'],
    ['a name that is no token', 'HTTP/1.1 200 OK\r\nx(y): z\r\ncontent-length: 2\r\n\r\n{}'],
    ['interim answers without an end', `${'HTTP/1.1 102 Wait\r\n\r\n'.repeat(9)}${WHOLE}`],
    ['an encoding', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-encoding: gzip\r\n\r\n{}'],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n'],
    ['a chunk that is longer than it says', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{}\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(4_000)}`],
    ['more than sixteen megabytes', 'HTTP/1.1 200 OK\r\ncontent-length: 16777217\r\n\r\n'],
    ['bytes that are no text', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n"\xff"'],
    ['another status', 'HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\n{}'],
  ])('refuses %s', async (_title, text) => {
    const { post, requests } = await answering(text);
    await expect(post({ isRepeatable: true })).rejects.toThrow('gave an answer that is not GraphQL');
    expect(requests).toHaveLength(1);
  });

  it('does not take what nobody asked for as an answer to the next request', async () => {
    const { post, sockets } = await peer((socket, index) => socket.write(index === 0 ? `${WHOLE}${WHOLE}` : WHOLE));
    await expect(post()).rejects.toThrow();
    expect((await post()).text).toBe('{"data":{}}');
    expect(sockets).toHaveLength(2);
    const late = await peer((socket) => socket.write(WHOLE, () => setTimeout(() => socket.write(WHOLE), 5)));
    await late.post();
    while (!late.sockets[0]?.closed) await sleep(5);
    await late.post();
    expect(late.sockets).toHaveLength(2);
  });

  it('tells whether there are control characters, wherever they are', () => {
    const plain = Buffer.from(' ~\x7f\xc3\xbc\xff'.repeat(20), 'latin1');
    for (let from = 0; from < 9; from += 1)
      for (let to = from; to < 70; to += 1) {
        const bytes = Buffer.from(plain).subarray(from, to);
        expect(bytesHoldControls(bytes)).toBe(false);
        for (let index = 0; index < bytes.length; index += 1) {
          const [was = 0] = bytes.subarray(index);
          bytes[index] = index % 0x20;
          expect(bytesHoldControls(bytes)).toBe(true);
          bytes[index] = was;
        }
      }
  });

  it.each([
    ['hangs up', (socket: Socket) => socket.destroy()],
    ['hangs up in the middle', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"da')],
    ['is not ready', (socket: Socket) => socket.write('HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n')],
  ])('asks again where the other side %s, unless it must not', async (_title, misbehave) => {
    const twice = await peer((socket, index) => (index === 0 ? misbehave(socket) : socket.write(WHOLE)));
    expect((await twice.post({ isRepeatable: true })).text).toBe('{"data":{}}');
    const once = await peer(misbehave);
    await expect(once.post()).rejects.toBeInstanceOf(SubgraphUnreachable);
    expect(once.requests).toHaveLength(1);
    const never = await peer(misbehave);
    await expect(never.post({ isRepeatable: true })).rejects.toBeInstanceOf(SubgraphUnreachable);
    expect(never.requests).toHaveLength(2);
  });

  it('gives up in time, and the late answer goes to nobody', async () => {
    const { post, sockets } = await peer((socket, index) => (index === 0 ? undefined : socket.write(WHOLE)));
    await expect(post({ timeoutMs: 20, isRepeatable: true })).rejects.toBeInstanceOf(SubgraphTimeout);
    sockets[0]?.write(WHOLE);
    expect((await post()).text).toBe('{"data":{}}');
    expect(sockets).toHaveLength(2);
  });

  it('opens no more than sixty-four connections; the others wait, and time runs for them too', async () => {
    const held: Socket[] = [];
    const { post, sockets, requests } = await peer((socket) => void held.push(socket));
    const first = Array.from({ length: 64 }, () => post());
    const waiting = Array.from({ length: 10 }, () => post());
    await expect(post({ timeoutMs: 20 })).rejects.toBeInstanceOf(SubgraphTimeout);
    while (requests.length < 64) await sleep(5);
    expect(sockets).toHaveLength(64);
    while (requests.length < 74 || held.length > 0) {
      for (const socket of held.splice(0)) socket.write(WHOLE);
      await sleep(5);
    }
    await Promise.all([...first, ...waiting]);
    expect([sockets.length, requests.length]).toEqual([64, 74]);
  });

  it('says that it cannot be reached where too much waits already', async () => {
    const { client, post } = await peer(() => undefined);
    const body = 'x'.repeat(16 * 1024 * 1024);
    const asked = Array.from({ length: 64 }, () => post({ timeoutMs: 2_000 }));
    asked.push(...Array.from({ length: 4 }, () => post({ body, timeoutMs: 2_000 })));
    const all = Promise.allSettled(asked);
    await expect(post({ isRepeatable: true })).rejects.toBeInstanceOf(SubgraphUnreachable);
    expect((await all).every(({ status }) => status === 'rejected')).toBe(true);
    await client.close();
  });

  it('MUST NOT end a connection that serves somebody else by now', async () => {
    const held: Socket[] = [];
    const { post, requests } = await peer((socket) => void held.push(socket));
    const hurried = post({ body: '"first"', isRepeatable: true, timeoutMs: 1_500 });
    while (requests.length < 1) await sleep(5);
    const others = Array.from({ length: 63 }, () => post());
    const mutation = post({ body: '"mutation"' });
    while (requests.length < 64) await sleep(5);
    held.shift()?.write('HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n');
    while (requests.length < 65) await sleep(5);
    expect(requests[64]).toContain('"mutation"');
    await expect(hurried).rejects.toBeInstanceOf(SubgraphTimeout); // while it waits for a second attempt
    for (const socket of held) socket.write(WHOLE);
    expect((await mutation).text).toBe('{"data":{}}');
    await Promise.all(others);
  });

  it('asks again over a new connection: after a restart all the others are dead too', async () => {
    let isRestarted = false;
    const held: Socket[] = [];
    const old = new Set<Socket>();
    const { post, requests, sockets } = await peer((socket) => {
      if (!isRestarted) held.push(socket);
      else if (old.has(socket)) socket.destroy();
      else socket.write(WHOLE);
    });
    const first = [post(), post(), post()];
    while (requests.length < 3) await sleep(5);
    for (const socket of held) old.add(socket) && socket.write(WHOLE);
    await Promise.all(first);
    isRestarted = true;
    expect((await post({ isRepeatable: true })).text).toBe('{"data":{}}');
    expect((await post()).text).toBe('{"data":{}}');
    expect(sockets).toHaveLength(4);
  });

  it('does not use a connection that the other side has ended', async () => {
    const { post, sockets } = await peer((socket) => socket.write(WHOLE, () => void socket.end()));
    await post();
    while (!sockets[0]?.closed) await sleep(5);
    expect((await post()).text).toBe('{"data":{}}');
    expect(sockets).toHaveLength(2);
  });

  it('is closed when what was under way has ended', async () => {
    let answer: () => void = () => undefined;
    const { client, post, requests } = await peer((socket) => {
      answer = () => void socket.write(WHOLE);
    });
    const asked = post();
    while (requests.length === 0) await sleep(5);
    const closed = client.close();
    await expect(post()).rejects.toBeInstanceOf(SubgraphUnreachable);
    answer();
    expect((await asked).text).toBe('{"data":{}}');
    await closed;
  });

  it('tells where nobody listens', async () => {
    const client = createHttpClient('orders', { host: '127.0.0.1', port: 1, isSecure: false });
    closers.push(() => client.close());
    await expect(client.post({ head: HEAD, body: '{}', isRepeatable: true, timeoutMs: 5_000 })).rejects.toBeInstanceOf(SubgraphUnreachable);
  });
});
