import { randomBytes } from 'node:crypto';
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER, ACCESS_TOKEN_TYPE } from '@tessera/schema/contract';
import { newId } from '@tessera/service-kit/ids';
import { createLogger, type Route } from '@tessera/service-kit/service';
import type { SubgraphRequest } from '@tessera/service-kit/subgraph';
import { testPrefix, testRedisUrl } from '@tessera/service-kit/testing';
import { GraphQLError } from 'graphql';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createGateway, type Gateway, type GatewayOptions, type InProcessSubgraph, type SubgraphPlaces } from '../src/gateway.ts';
import { newIdentityKey } from './identity-key.ts';
import { composeToys, type ToyAnswer, type ToySubgraph, textRoute, toySubgraph } from './toy-subgraphs.ts';

export const ALICE = 'usr_01h455vb4pex5vsknk084sn02q';
export const BOB = 'usr_01h455vb4pex5vsknk084sn02r';
export const ALICES_ORDER = 'ord_01h455vb4pex5vsknk084sn02q';
export const BOBS_ORDER = 'ord_01h455vb4pex5vsknk084sn02r';
export const ALICES_WALLET = 'wal_01h455vb4pex5vsknk084sn02q';
export const BOBS_WALLET = 'wal_01h455vb4pex5vsknk084sn02r';

const MONEY = 'type Money @shareable { currency: CurrencyCode! minor: MinorUnits! decimal: String! } scalar CurrencyCode scalar MinorUnits';

export interface ToyPlatform {
  readonly gateway: Gateway;
  readonly url: string;
  readonly users: ToySubgraph;
  readonly orders: ToySubgraph;
  readonly ledger: ToySubgraph;
  readonly logLines: Record<string, unknown>[];
  token(userId: string, claims?: TokenClaims): Promise<string>;
  close(): Promise<void>;
}

type SigningKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

export interface TokenClaims {
  readonly sid?: string;
  readonly roles?: readonly string[];
  readonly scope?: string;
  readonly expiresInSeconds?: number;
  readonly issuer?: string;
  readonly type?: string;
  readonly key?: SigningKey;
}

export interface ToyOptions {
  readonly redisUrl?: string;
  readonly streamPrefix?: string;
  readonly eventsSecret?: string;
  readonly config?: Partial<GatewayOptions['config']>;
  readonly answerOrders?: (request: SubgraphRequest) => ToyAnswer;
  /** Default: all in this process. */
  readonly places?: (toys: { users: ToySubgraph; orders: ToySubgraph; ledger: ToySubgraph }) => SubgraphPlaces;
  readonly landing?: GatewayOptions['landing'];
  readonly manifests?: GatewayOptions['manifests'];
  readonly scalars?: GatewayOptions['scalars'];
}

export const newSecret = (): string => randomBytes(32).toString('base64url');

/** A gateway over three small subgraphs of this process, with real tokens. */
export async function startToyPlatform(options: ToyOptions = {}): Promise<ToyPlatform> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'toy-1' };
  const issue = createIssuer(privateKey);
  const users = usersToy(
    issue,
    textRoute('/.well-known/jwks.json', () => JSON.stringify({ keys: [jwk] })),
  );
  const orders = ordersToy(options.answerOrders);
  const ledger = ledgerToy();
  const logLines: Record<string, unknown>[] = [];
  const gateway = createGateway({
    config: {
      secret: newSecret(),
      identityKey: newIdentityKey(),
      eventsSecret: options.eventsSecret ?? newSecret(),
      redisUrl: options.redisUrl ?? testRedisUrl(),
      port: 0,
      host: '127.0.0.1',
      publicUrl: undefined,
      corsOrigins: ['https://shop.example'],
      trustedProxyHops: 0,
      socketsPerUser: 5,
      executor: 'tessera',
      collapse: true,
      isStrictHttp: false,
      operations: undefined,
      logLevel: 'info',
      logFile: undefined,
      isProduction: false,
      ...options.config,
    },
    ...(options.places?.({ users, orders, ledger }) ?? inProcess({ users, orders, ledger })),
    supergraphSdl: await composeToys([users, orders, ledger]),
    accessRules: ACCESS,
    log: createLogger({ service: 'gateway', level: 'info', destination: { write: (line) => void logLines.push(JSON.parse(line)) } }),
    streamPrefix: options.streamPrefix ?? testPrefix(),
    ...(options.landing ? { landing: options.landing } : {}),
    ...(options.manifests ? { manifests: options.manifests } : {}),
    ...(options.scalars ? { scalars: options.scalars } : {}),
  });
  const { url } = await gateway.listen();
  return { gateway, url, users, orders, ledger, logLines, token: issue, close: () => gateway.close({ timeoutMs: 500 }) };
}

export function inProcess(hosted: Readonly<Record<string, InProcessSubgraph>>): SubgraphPlaces {
  return { hosted, subgraphUrls: Object.fromEntries(Object.keys(hosted).map((name) => [name, 'inprocess:'])) };
}

const ACCESS = {
  'Query.order': { kind: 'authenticated' },
  'Query.orders': { kind: 'authenticated' },
  'Query.wallet': { kind: 'authenticated' },
  'Query.users': { kind: 'scopes', scopes: [['users:read']] },
  'Query.me': { kind: 'public' },
  'Mutation.orderPlace': { kind: 'authenticated' },
  'Subscription.orderUpdated': { kind: 'authenticated' },
  'Subscription.balanceUpdated': { kind: 'authenticated' },
};

function createIssuer(privateKey: SigningKey) {
  return (
    userId: string,
    {
      sid = newId('session'),
      roles = ['CUSTOMER'],
      scope = '',
      expiresInSeconds = 900,
      issuer = ACCESS_TOKEN_ISSUER,
      type = ACCESS_TOKEN_TYPE,
      key = privateKey,
    }: TokenClaims = {},
  ) =>
    new SignJWT({ sid, roles, scope })
      .setProtectedHeader({ alg: 'EdDSA', typ: type, kid: 'toy-1' })
      .setSubject(userId)
      .setIssuer(issuer)
      .setAudience(ACCESS_TOKEN_AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresInSeconds)
      .sign(key);
}

function usersToy(issue: (userId: string) => Promise<string>, jwks: Route): ToySubgraph {
  const opened = async (__typename: string, refreshToken: string) => ({
    __typename,
    accessToken: await issue(ALICE),
    refreshToken,
    expiresAt: new Date(Date.now() + 900_000).toISOString(),
    user: { id: ALICE },
  });
  return toySubgraph(
    'users',
    `type Query { me: User users: [User!]! crash: String quick: String! }
    type User @key(fields: "id") { id: ID! handle: String! }
    type Mutation { sessionOpen(input: SessionOpenInput!): SessionOpenResult! sessionRefresh(input: SessionRefreshInput!): SessionRefreshResult! sessionClose(input: SessionCloseInput!): SessionClosed! }
    input SessionOpenInput { email: EmailAddress! password: String! } input SessionRefreshInput { refreshToken: String } input SessionCloseInput { sessionId: ID isEverywhere: Boolean }
    union SessionOpenResult = SessionOpened | CredentialsInvalid union SessionRefreshResult = SessionRefreshed | CredentialsInvalid
    type SessionOpened { accessToken: String! refreshToken: String! expiresAt: DateTime! user: User! } type SessionRefreshed { accessToken: String! refreshToken: String! expiresAt: DateTime! user: User! }
    interface Problem { code: String! message: String! } type CredentialsInvalid implements Problem { code: String! message: String! } type SessionClosed { isClosed: Boolean! } scalar DateTime scalar EmailAddress`,
    {
      Query: {
        me: (_parent, _args, { viewer }) => (viewer.userId ? { id: viewer.userId } : null),
        users: () => [{ id: ALICE }, { id: BOB }],
        quick: () => 'ok',
        crash: () => {
          throw new Error('password=hunter2');
        },
      },
      Mutation: {
        sessionOpen: (_parent, { input }: { input: { password: string } }) =>
          input.password === 'right'
            ? opened('SessionOpened', 'refresh-1')
            : { __typename: 'CredentialsInvalid', code: 'CREDENTIALS_INVALID', message: 'no' },
        sessionRefresh: (_parent, { input }: { input: { refreshToken?: string } }) =>
          input.refreshToken === 'refresh-1'
            ? opened('SessionRefreshed', 'refresh-2')
            : { __typename: 'CredentialsInvalid', code: 'CREDENTIALS_INVALID', message: 'no' },
        sessionClose: () => ({ isClosed: true }),
      },
      User: {
        __resolveReference: (reference: { id: string }) => reference,
        handle: ({ id }: { id: string }) => (id === ALICE ? 'alice' : 'bob'),
      },
    },
    { routes: [jwks] },
  );
}

function ordersToy(answer?: (request: SubgraphRequest) => ToyAnswer): ToySubgraph {
  const owners: Record<string, string> = { [ALICES_ORDER]: ALICE, [BOBS_ORDER]: BOB };
  const visible = (id: string, { viewer }: SubgraphRequest) =>
    owners[id] === viewer.userId ? { id, customer: { __typename: 'User', id: owners[id] }, state: 'CONFIRMED' } : null;
  return toySubgraph(
    'orders',
    `type Query { order(id: ID!): Order orders(at: [DateTime!] filter: OrderFilter): [Order!]! }
    input OrderFilter { at: [DateTime!] next: OrderFilter } scalar DateTime
    type Mutation { orderPlace(note: String): Order }
    type Order @key(fields: "id") { id: ID! state: String! customer: User note: String }
    type User @key(fields: "id", resolvable: false) { id: ID! }`,
    {
      Query: {
        order: (_parent, { id }: { id: string }, request) => visible(id, request),
        orders: (_parent, _args, request) => [visible(ALICES_ORDER, request)].filter(Boolean),
      },
      Mutation: {
        orderPlace: (_parent, { note }: { note?: string }, request) => {
          if (note === 'refuse')
            throw new GraphQLError('Send a key.', { extensions: { code: 'IDEMPOTENCY_KEY_REQUIRED', hint: 'Idempotency-Key' } });
          return visible(ALICES_ORDER, request);
        },
      },
      Order: { __resolveReference: ({ id }: { id: string }, request: SubgraphRequest) => visible(id, request) },
    },
    { ...(answer ? { answer } : {}) },
  );
}

function ledgerToy(): ToySubgraph {
  const owners: Record<string, string> = { [ALICES_WALLET]: ALICE, [BOBS_WALLET]: BOB };
  const money = { currency: 'USD', minor: '4200', decimal: '42.00' };
  const wallet = (id: string) => ({ id, balance: money, available: money });
  const visible = (id: string, { viewer }: SubgraphRequest) => (owners[id] === viewer.userId ? wallet(id) : null);
  return toySubgraph(
    'ledger',
    `type Query { wallet(id: ID!): Wallet }
    type Wallet @key(fields: "id") { id: ID! balance: Money! available: Money! } type User @key(fields: "id") { id: ID! wallets: [Wallet!] }
    type Order @key(fields: "id") { id: ID! ledgerTransfers: [Transfer!] } type Transfer @key(fields: "id") { id: ID! amount: Money! } ${MONEY}`,
    {
      Query: { wallet: (_parent, { id }: { id: string }, request) => visible(id, request) },
      Wallet: { __resolveReference: ({ id }: { id: string }, request: SubgraphRequest) => visible(id, request) },
      Transfer: { __resolveReference: ({ id }: { id: string }) => ({ id, amount: money }) },
      Order: { __resolveReference: (reference: { id: string }) => reference, ledgerTransfers: () => [{ id: 'trf_1', amount: money }] },
      User: {
        __resolveReference: (reference: { id: string }) => reference,
        wallets: ({ id }: { id: string }, _args: object, { viewer }: SubgraphRequest) =>
          viewer.userId === id
            ? Object.keys(owners)
                .filter((each) => owners[each] === id)
                .map(wallet)
            : null,
      },
    },
  );
}

export interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
  readonly extensions: Record<string, unknown> | undefined;
}

/** One POST to `/graphql`. */
export async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<GraphqlAnswer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const content = (await response.json()) as {
    data?: Record<string, unknown>;
    errors?: GraphqlAnswer['errors'];
    extensions?: Record<string, unknown>;
  };
  return {
    status: response.status,
    headers: response.headers,
    data: content.data,
    errors: content.errors ?? [],
    extensions: content.extensions,
  };
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
