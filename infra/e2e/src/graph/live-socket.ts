import { WebSocket } from 'ws';
import type { GraphFault } from './ask.ts';
import { eventually } from './eventually.ts';

const OPEN_WITHIN_MS = 30_000;

/** What the server sent for one subscription. */
export interface Received<Data> {
  readonly events: readonly Data[];
  readonly faults: readonly GraphFault[];
}

export interface LiveSocket {
  subscribe<Data>(query: string, variables?: Readonly<Record<string, unknown>>): Received<Data>;
  /** As a lost network: no farewell. */
  cut(): void;
  /** 0 while it is open. */
  closeCode(): number;
  close(): void;
}

/** The protocol `graphql-transport-ws` by hand, so that a test sees every frame and decides when the line is cut. */
export async function openSocket(url: string, token?: string): Promise<LiveSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
  const subscriptions = new Map<string, { events: unknown[]; faults: GraphFault[] }>();
  let isAcknowledged = false;
  let closeCode = 0;
  socket.on('open', () =>
    socket.send(JSON.stringify({ type: 'connection_init', payload: token ? { authorization: `Bearer ${token}` } : {} })),
  );
  socket.on('error', () => undefined); // the close that follows tells
  socket.on('close', (code) => {
    closeCode = code;
  });
  socket.on('message', (frame) => {
    const { id = '', type, payload } = JSON.parse(String(frame)) as Frame; // the server's own protocol
    if (type === 'connection_ack') isAcknowledged = true;
    if (type === 'ping') socket.send('{"type":"pong"}');
    const received = subscriptions.get(id);
    if (type === 'next') received?.events.push(payload);
    if (type === 'error') received?.faults.push(...(payload as GraphFault[])); // of an error frame
  });
  await eventually(async () => isAcknowledged || closeCode > 0, Boolean, OPEN_WITHIN_MS);
  return {
    subscribe: <Data>(query: string, variables = {}) => {
      const id = String(subscriptions.size + 1);
      const received = { events: [] as unknown[], faults: [] as GraphFault[] };
      subscriptions.set(id, received);
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
      return received as Received<Data>; // the caller says what it asked for
    },
    cut: () => socket.terminate(),
    closeCode: () => closeCode,
    close: () => socket.close(),
  };
}

interface Frame {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}
