import { createServer, type Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { Client } from 'pg';
import { isConnectionError } from './sql-state.ts';

it('takes a server that does not answer for one that cannot be reached', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.pause()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = new Client({ host: '127.0.0.1', port, connectionTimeoutMillis: 50 });
  client.on('error', () => undefined);
  const error = await client.connect().catch((each: unknown) => each);
  expect([String(error), isConnectionError(error)]).toEqual(['Error: timeout expired', true]);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});
