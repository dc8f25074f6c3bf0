import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be closed for a while: who comes meanwhile gets no answer, as when a network is split. */
export interface CutOff {
  readonly url: string;
  cut(): void;
  /** Only who comes from now on gets no answer: what is connected stays. */
  shut(): void;
  heal(): void;
  /** The next COMMIT reaches the server, its answer does not come back: the connection ends as if the network had, not before `moment`. */
  loseAnswerToCommit(moment?: Promise<unknown>): void;
  /** How often somebody has written to the server so far; what is written at once counts once. */
  writes(): number;
  close(): Promise<void>;
}

/** Simple query `commit`, as the driver sends it. */
const COMMIT = Buffer.from('commit\0');

export async function cutOff(target: string): Promise<CutOff> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  let writes = 0;
  let lostAt: Promise<unknown> | null = null;
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    track(client);
    if (isCut) return client.pause();
    const upstream = track(connect(Number(port), hostname));
    client.on('data', (chunk) => {
      writes += 1;
      if (!lostAt || !chunk.includes(COMMIT)) return;
      const moment = lostAt;
      lostAt = null;
      upstream
        .unpipe(client)
        .once('data', () => void moment.finally(() => client.destroy())) // it has answered, so the commit is durable
        .resume();
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.port = String((server.address() as { port: number }).port);
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cut: () => {
      isCut = true;
      endAll();
    },
    shut: () => {
      isCut = true;
    },
    heal: () => {
      isCut = false;
      endAll();
    },
    loseAnswerToCommit: (moment = Promise.resolve()) => {
      lostAt = moment;
    },
    writes: () => writes,
    close: async () => {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
