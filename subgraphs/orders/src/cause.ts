import type { UseCaseContext } from '@tessera/service-kit/graphql';
import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { parseTraceparent } from '@tessera/service-kit/service';

/** One transaction's means to change things: where, when, on whose behalf, and how to tell the others. */
export interface Act extends UnitOfWork {
  readonly actor: string;
  readonly traceId: string | null;
}

export function actOfRequest({ em, now, publish, viewer, request }: UseCaseContext<unknown>): Act {
  return { em, now, publish, actor: viewer.principal, traceId: traceIdOf(request.traceparent) };
}

export function actOfEvent({ actor, traceparent }: Pick<ReceivedEvent, 'actor' | 'traceparent'>, unit: UnitOfWork): Act {
  return { ...unit, actor, traceId: traceIdOf(traceparent) };
}

/** What the platform does by itself, because time has passed. */
export function actOfService(unit: UnitOfWork): Act {
  return { ...unit, actor: 'service:orders', traceId: null };
}

function traceIdOf(traceparent: string | null): string | null {
  return parseTraceparent(traceparent)?.traceId ?? null;
}
