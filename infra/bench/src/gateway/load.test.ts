import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { load } from './load.ts';
import { otherAnswer } from './other-answer.ts';

const ERRORS = '{"errors":[{"message":"m"}],"data":null}';
const DATA = '{"data":{"a":1}}';

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** Answers every request with these parts, each for itself. */
async function portOf(status: number, parts: (body: string) => readonly string[], body: string): Promise<number> {
  const head = `HTTP/1.1 ${status} X\r\ncontent-length: ${body.length}\r\n\r\n`;
  const answer = async (socket: Socket) => {
    for (const part of [head, ...parts(body)]) {
      socket.write(part);
      await sleep(2);
    }
  };
  server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('data', () => void answer(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('the load generator', () => {
  it.each<[string, number, (body: string) => readonly string[], string, boolean]>([
    ['errors behind the head', 200, (body) => [body], ERRORS, true],
    ['errors in several parts', 200, (body) => [body.slice(0, 4), body.slice(4, 12), body.slice(12)], ERRORS, true],
    ['another status', 500, (body) => [body], DATA, true],
    ['data in several parts', 200, (body) => [body.slice(0, 4), body.slice(4)], DATA, false],
    ['an answer shorter than the beginning of errors', 200, (body) => [body], '{}', false],
  ])('counts %s for what it is', async (_title, status, parts, body, isFailure) => {
    const port = await portOf(status, parts, body);
    const { requests, failures } = await load({ port, connections: 2, durationMs: 100, bodies: ['{}'] });
    expect(requests).toBeGreaterThan(0);
    expect(failures).toBe(isFailure ? requests : 0);
  });
});

describe('a comparison of answers', () => {
  it.each([
    ['errors', [{ data: { a: 1 } }, { data: { a: 1 }, errors: [] }], 1],
    [
      'errors of all',
      [
        { data: { a: null }, errors: [{}] },
        { data: { a: null }, errors: [{}] },
      ],
      0,
    ],
    ['another order of keys', [{ data: { a: 1, b: 2 } }, { data: { b: 2, a: 1 } }], 1],
    ['another value', [{ data: { a: 1 } }, { data: { a: 2 } }], 1],
    ['no data', [{}, {}], 0],
  ])('finds %s', (_title, answers, index) => {
    expect(otherAnswer(answers)).toBe(answers[index]);
  });

  it('finds nothing in equal ones', () => {
    expect(otherAnswer([{ data: { a: 1 } }, { data: { a: 1 } }])).toBeUndefined();
  });
});
