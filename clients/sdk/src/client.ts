import { type Answer, isUndecided } from './answer.ts';
import { TesseraRequestError } from './errors.ts';
import { WhoAmIDocument } from './generated/operations.ts';
import { createIntents, type Intents } from './intents.ts';
import { type ClientOptions, defaultLimits, endpointOf, socketEndpointOf } from './options.ts';
import { systemPace } from './pace.ts';
import { createSeen } from './seen.ts';
import { createSession, type Session } from './session.ts';
import { createSocket } from './socket.ts';
import { memoryStorage } from './storage.ts';
import { follow, type LiveEvent, type SubscribeOptions } from './subscription.ts';
import { storedTokens } from './tokens.ts';
import { type Authorisation, createTransport, type Transport } from './transport.ts';
import type { TypedDocument } from './typed-document.ts';
import { createVisitorMemory, type VisitorMemory } from './visitor.ts';

/** The gateway reads this name as "keep my tokens in cookies". */
const COOKIE_CLIENT = 'web';
/** After these, nothing has been done under the key, and nothing will be without other input. */
const DECIDED_CODES: readonly string[] = [
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'OPERATION_NOT_ALLOWED',
  'COST_LIMITED',
  'IDEMPOTENCY_KEY_REQUIRED',
];

export interface QueryOptions {
  readonly signal?: AbortSignal;
}

export interface MutateOptions {
  /**
   * Names what a person wants done once, such as `checkout:<cart id>`: its key is kept over calls and, with a lasting storage, over reloads, until
   * the platform has decided. Without it, the key lives as long as this call with its retries.
   */
  readonly intent?: string;
  /** A key of the caller's own instead. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface TesseraClient {
  /** @throws TesseraRequestError when there is no usable answer after all attempts */
  query<Data, Variables>(document: TypedDocument<Data, Variables>, variables: Variables, options?: QueryOptions): Promise<Answer<Data>>;
  /** One effect, however often it has to be sent. A refusal is data, not an error. @throws TesseraRequestError as `query` */
  mutate<Data, Variables>(document: TypedDocument<Data, Variables>, variables: Variables, options?: MutateOptions): Promise<Answer<Data>>;
  /** Events until the loop is left; goes on by itself where it was after a lost connection. @throws TesseraRequestError when that is hopeless */
  subscribe<Data, Variables extends Readonly<Record<string, unknown>>>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    options?: SubscribeOptions,
  ): AsyncGenerator<LiveEvent<Data>, void>;
  readonly session: Session;
  /** Ends the live connection, and with it all subscriptions; requests may still be made. */
  close(): Promise<void>;
}

export function createTesseraClient(options: ClientOptions): TesseraClient {
  const { storage = memoryStorage(), pace = systemPace } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const clientName = clientNameOf(options);
  const visitor = createVisitorMemory(storage);
  const transport = createTransport({
    endpoint: endpointOf(options.url),
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    clientName,
    isCookieSession: options.sessionKind === 'cookie',
    limits,
    pace,
    seen: createSeen(pace.now),
    visitor,
  });
  const { authorisation, ...session } = createSession({
    transport,
    store: options.tokenStore ?? storedTokens(storage),
    now: pace.now,
    onChange: (tokens, change) => {
      if (change !== 'renewed') socket.terminate(); // subscriptions come back as who asks now
      options.onSession?.(tokens);
    },
  });
  const socket = createSocket({
    endpoint: socketEndpointOf(options.url),
    webSocket: options.webSocket,
    clientName,
    authorization: () => authorisation.header().catch(() => null), // the subscription that connects has told, or is told by the server
  });
  const mutateOnce = createMutations({
    transport,
    authorisation,
    intents: createIntents(storage),
    introduce: introduction(session, visitor, transport),
  });

  return {
    session,
    query: async (document, variables, { signal } = {}) =>
      typed(await transport.send({ document, variables, signal }, authorisation), document),
    mutate: async (document, variables, mutateOptions = {}) => typed(await mutateOnce(document, variables, mutateOptions), document),
    subscribe: (document, variables, subscribeOptions = {}) => {
      const renew = () => authorisation.renew(null);
      const parts = { socket, prepare: authorisation.header, renew, limits, pace };
      return typedEvents(follow({ document, variables }, subscribeOptions, parts), document);
    },
    close: async () => {
      await socket.dispose();
    },
  };
}

function clientNameOf({ clientName, sessionKind }: ClientOptions): string {
  if (sessionKind === 'cookie') return COOKIE_CLIENT;
  if (clientName === COOKIE_CLIENT) throw new TypeError('The name "web" is for clients with sessionKind "cookie".');
  return clientName;
}

interface MutationParts {
  readonly transport: Transport;
  readonly authorisation: Authorisation;
  readonly intents: Intents;
  readonly introduce: () => Promise<void>;
}

type Mutations = (document: TypedDocument<unknown, never>, variables: unknown, options: MutateOptions) => Promise<Answer<unknown>>;

function createMutations({ transport, authorisation, intents, introduce }: MutationParts): Mutations {
  return async (document, variables, { intent, idempotencyKey, signal }) => {
    await introduce();
    const key = idempotencyKey ?? (await intents.keyOf(intent));
    try {
      const answer = await transport.send({ document, variables, idempotencyKey: key, signal }, authorisation);
      if (!isUndecided(answer)) await intents.done(intent);
      return answer;
    } catch (error) {
      if (error instanceof TesseraRequestError && DECIDED_CODES.includes(error.code)) await intents.done(intent);
      throw error;
    }
  };
}

/** An anonymous caller must be the same one in every attempt, so the platform names it before the first thing is done. */
function introduction(session: Session, visitor: VisitorMemory, transport: Transport): () => Promise<void> {
  let underWay: Promise<unknown> | null = null;
  return async () => {
    if ((await session.isOpen()) || (await visitor.token())) return;
    underWay ??= transport.send({ document: WhoAmIDocument, variables: {} }).finally(() => {
      underWay = null;
    });
    await underWay;
  };
}

/** The platform validated the operation against the schema that the types were made from. */
function typed<Data>(answer: Answer<unknown>, _document: TypedDocument<Data, never>): Answer<Data> {
  return answer as Answer<Data>; // see above
}

/** As `typed`. */
function typedEvents<Data>(
  events: AsyncGenerator<LiveEvent<unknown>, void>,
  _document: TypedDocument<Data, never>,
): AsyncGenerator<LiveEvent<Data>, void> {
  return events as AsyncGenerator<LiveEvent<Data>, void>; // see above
}
