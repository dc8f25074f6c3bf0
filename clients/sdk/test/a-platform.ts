import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ExecutionResult, GraphQLError, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Asked {
  readonly operationName: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
}

/** `drop`: the request arrived, its answer gets lost. */
export type Reply = 'drop' | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };

export interface Listening {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly authorization: unknown;
  readonly socket: WebSocket;
}

export interface PlatformScript {
  /** @param count how often this operation was asked until now, from 1 */
  readonly answer?: (asked: Asked, count: number) => Reply | Promise<Reply>;
  /** The code with which a subscription is refused, or null. */
  readonly refuses?: (listening: Listening) => string | null;
  /** The events of a subscription. */
  readonly events?: (listening: Listening, count: number) => AsyncGenerator<ExecutionResult>;
  /** Whether `connection_init` is taken; else the socket closes with 4403. */
  readonly admits?: (authorization: unknown) => boolean;
}

export interface Platform {
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly subscribed: readonly Listening[];
  askedFor(operationName: string): readonly Asked[];
  close(): Promise<void>;
}

/** The other end of both wires, on the loopback: it answers what the test says, and remembers what it was asked. */
export async function aPlatform(script: PlatformScript): Promise<Platform> {
  const asked: Asked[] = [];
  const subscribed: Listening[] = [];
  const server = createServer((request, response) => void serve(request, response, asked, script));
  const wire = new WebSocketServer({ server, path: '/graphql' });
  const protocol = useServer<Record<string, unknown>, { socket: WebSocket }>(
    {
      onConnect: ({ connectionParams }) => script.admits?.(connectionParams?.authorization) ?? true,
      onSubscribe: ({ connectionParams, extra }, _id, { query, variables }) => {
        const listening = { variables: variables ?? {}, authorization: connectionParams?.authorization, socket: extra.socket };
        subscribed.push(listening);
        const code = script.refuses?.(listening) ?? null;
        if (code !== null) return [new GraphQLError('refused', { extensions: { code } })];
        return { schema: undefined as never, document: parse(query), contextValue: { listening, count: subscribed.length } }; // nobody looks at the schema
      },
      subscribe: (args) => {
        const { listening, count } = (args as { contextValue: { listening: Listening; count: number } }).contextValue; // as returned above
        if (!script.events) throw new Error('This platform has no events.');
        return script.events(listening, count);
      },
    },
    wire,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    subscribed,
    askedFor: (operationName) => asked.filter((each) => each.operationName === operationName),
    close: async () => {
      await protocol.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, asked: Asked[], { answer }: PlatformScript): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
  const { operationName, variables } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Asked; // sent by the client under test
  const question = { operationName, variables, headers: request.headers };
  asked.push(question);
  const reply = (await answer?.(question, asked.filter((each) => each.operationName === operationName).length)) ?? { body: { data: {} } };
  if (reply === 'drop') {
    request.socket.destroy();
    return;
  }
  const { status = 200, headers = {}, body } = reply;
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
}
