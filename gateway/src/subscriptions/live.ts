import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Envelope } from '@tessera/schema/contract';
import { createStreamTail } from '@tessera/service-kit/messaging';
import { clientAddressOf, type Logger, type Metrics } from '@tessera/service-kit/service';
import { CloseCode } from 'graphql-ws';
import { z } from 'zod';
import type { AccessRules } from '../access/rules.ts';
import type { GatewayConfig } from '../config.ts';
import type { Identity } from '../identity/identity.ts';
import { bearerOf, type Caller, callerOfToken, resolveCaller } from '../identity/resolve-caller.ts';
import { accessTokenOfCookies } from '../identity/web-session.ts';
import type { Admission } from '../limits/admit.ts';
import type { Origins } from '../operations/origins.ts';
import type { OperationPolicy } from '../operations/policy.ts';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.ts';
import { createAsk } from '../transport/ask.ts';
import type { Transport } from '../transport/transport.ts';
import type { PlanSubscription } from './hydrate.ts';
import { createPreparation } from './prepare.ts';
import { SocketRegistry } from './socket-registry.ts';
import { createSocketServer } from './socket-server.ts';
import { createSubscriptions, EVENT_STREAMS, readyWithin } from './subscriptions.ts';

const READY_MS = 3_000;
const SERVICE_RESTART = 1_012;
const CLOSE_OVER_MS = 1_000;
const TAIL_CLOSE_MS = 1_000;

export interface LiveParts {
  readonly config: GatewayConfig;
  readonly supergraph: LoadedSupergraph;
  readonly planSubscription: PlanSubscription;
  readonly rules: () => AccessRules;
  readonly admission: Admission;
  readonly policy: OperationPolicy;
  readonly identity: Identity;
  readonly origins: Origins;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly streamPrefix: string | undefined;
}

/** Live events: reads each stream once, serves sockets, and closes those whose session ended. */
export function createLive(parts: LiveParts) {
  const { config, supergraph, rules, admission, policy, identity, origins, transports, log } = parts;
  const tail = createStreamTail({
    redisUrl: config.redisUrl,
    eventsSecret: config.eventsSecret,
    streams: EVENT_STREAMS,
    log,
    ...(parts.streamPrefix ? { prefix: parts.streamPrefix } : {}),
  });
  const subscriptions = createSubscriptions({
    source: tail,
    ready: () => readyWithin(() => tail.start(), READY_MS),
    ask: createAsk(transports),
    eventsSecret: config.eventsSecret,
  });
  const registry = new SocketRegistry(config.socketsPerUser);
  const prepare = createPreparation({ admission, policy, planning: supergraph.planning, rules, plan: parts.planSubscription });
  const sockets = createSocketServer({
    subscriptions,
    registry,
    log,
    prepare,
    identify: (params, request) => identifySocket(params, request.headers, clientAddressOf(request, config.trustedProxyHops), identity),
    isAllowedOrigin: ({ headers }) => origins.isAllowed(headers),
  });
  tail.onEvent(
    (event) => endSessions(event, identity, registry),
    (_stream, type) => SESSION_ENDS.has(type),
  );
  observeSockets(parts.metrics, registry, () => subscriptions.openCount);

  return {
    /** In the background: without Redis the gateway serves everything but subscriptions. */
    start: () => void tail.start().catch((err: unknown) => log.error({ err }, 'live events cannot be read')),
    upgrade: sockets.upgrade,
    close: async () => {
      await registry.closeAll(SERVICE_RESTART, 'Service restart', CLOSE_OVER_MS);
      subscriptions.close();
      sockets.close();
      // Without Redis a command that is on its way would keep us for seconds; it can do no harm any more.
      await Promise.race([tail.close(), sleep(TAIL_CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

const TOKEN_KEYS = ['authorization', 'Authorization', 'accessToken', 'token'] as const;

/** By the token in `connection_init`, with or without `Bearer`; else by the cookies of a page whose origin was checked; else a visitor. */
async function identifySocket(
  params: Readonly<Record<string, unknown>> | undefined,
  headers: IncomingHttpHeaders,
  address: string,
  identity: Identity,
): Promise<Caller> {
  const given = TOKEN_KEYS.map((key) => params?.[key]).find((value) => typeof value === 'string' && value !== '');
  if (typeof given === 'string')
    return callerOfToken(bearerOf(/^bearer /i.test(given) ? given : `Bearer ${given}`) ?? '', address, identity.accessTokens);
  const cookie = accessTokenOfCookies(headers);
  if (cookie) return callerOfToken(cookie, address, identity.accessTokens);
  return resolveCaller(headers, address, identity);
}

const sessionSchema = z.object({ sessionId: z.string() });
const userSchema = z.object({ userId: z.string() });

/** What `endSessions` listens to. */
const SESSION_ENDS: ReadonlySet<string> = new Set(['SessionRevoked', 'UserSuspended']);

function endSessions({ type, payload }: Envelope, { revoked }: Identity, registry: SocketRegistry): void {
  if (type === 'SessionRevoked') {
    const { sessionId } = sessionSchema.parse(payload);
    revoked.add(sessionId);
    registry.closeWhere((viewer) => viewer.sessionId === sessionId, CloseCode.Forbidden, 'Session ended');
  }
  if (type === 'UserSuspended') {
    const { userId } = userSchema.parse(payload);
    registry.closeWhere((viewer) => viewer.userId === userId, CloseCode.Forbidden, 'User suspended');
  }
}

function observeSockets(metrics: Metrics, registry: SocketRegistry, subscriptionCount: () => number): void {
  metrics.gauge({
    name: 'tessera_gateway_sockets',
    help: 'Open sockets.',
    collect() {
      this.set(registry.size);
    },
  });
  metrics.gauge({
    name: 'tessera_gateway_subscriptions',
    help: 'Open subscriptions.',
    collect() {
      this.set(subscriptionCount());
    },
  });
}
