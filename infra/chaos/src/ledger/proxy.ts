import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';

/** Simple query `commit`, as the driver sends it. */
const COMMIT = Buffer.from('commit\0');

/** Stands between the engine and PostgreSQL. */
export interface FaultProxy {
  readonly port: number;
  /** The next commit is forwarded, its answer is not: the connection ends as if the network had. */
  dropNextCommitAnswer(): void;
  /** The next commit is not forwarded: the connection ends, and nothing was committed. */
  dropNextCommit(): void;
  /** What was not dropped by now will not be. */
  dropNoMore(): void;
  /** Whoever is connected hears nothing any more and is not told so, as when a network is split; who comes from now on is served. */
  silence(): void;
  /** Ends every connection at once. */
  resetAll(): void;
  /** How many commits, or answers to one, were swallowed so far. */
  dropped(): number;
  close(): Promise<void>;
}

export async function startProxy(targetPort: number): Promise<FaultProxy> {
  let toDrop = 0;
  let toDropBefore = 0;
  let dropped = 0;
  const sockets = new Set<Socket>();
  const pair = (client: Socket): void => {
    const server = tcpConnect(targetPort, '127.0.0.1');
    let isSwallowing = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
      sockets.delete(client);
      sockets.delete(server);
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (chunk) => {
      if (toDropBefore > 0 && chunk.includes(COMMIT)) {
        toDropBefore -= 1;
        dropped += 1;
        return end();
      }
      if (toDrop > 0 && chunk.includes(COMMIT)) {
        toDrop -= 1;
        isSwallowing = true;
      }
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (!isSwallowing) {
        client.write(chunk);
        return;
      }
      dropped += 1; // the server has answered, so the commit is durable
      end();
    });
  };
  const listener: Server = createServer(pair);
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (listener.address() as AddressInfo).port, // listens on TCP
    dropNextCommitAnswer: () => {
      toDrop += 1;
    },
    dropNextCommit: () => {
      toDropBefore += 1;
    },
    dropNoMore: () => {
      toDrop = 0;
      toDropBefore = 0;
    },
    silence: () => {
      for (const socket of sockets) socket.removeAllListeners('data').pause();
    },
    resetAll: () => {
      toDrop = 0;
      for (const socket of sockets) socket.destroy();
    },
    dropped: () => dropped,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        listener.close(resolve);
      });
    },
  };
}
