import { type GatewayContext, newCollected } from '../src/execution/context.ts';
import { viewerOfVisitor } from '../src/identity/access-token.ts';

const FAR_MS = 60_000;

/** Of a query by a visitor, unless told. */
export function contextOf(overrides: Partial<GatewayContext> = {}): GatewayContext {
  return {
    viewer: viewerOfVisitor('vis_1', '127.0.0.1'),
    isQuestion: true,
    requestId: 'request-1',
    traceparent: '',
    idempotencyKey: null,
    seen: null,
    deadlineAt: Date.now() + FAR_MS,
    startedAt: performance.now(),
    webSession: null,
    collected: newCollected(),
    ...overrides,
  };
}
