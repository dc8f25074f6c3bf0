import type { Role, Scope } from '@tessera/schema/contract';

/**
 * Who asks, as verified by the gateway (or by a signed token). `principal` names the owner of idempotency keys and limits:
 * `user:usr_…`, `visitor:vis_…`, `key:key_…` or `service:<name>`.
 */
export interface Viewer {
  readonly kind: 'user' | 'visitor' | 'apiKey' | 'service';
  readonly principal: string;
  /** The user behind the request; null for visitors and services. */
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly roles: readonly Role[];
  readonly scopes: ReadonlySet<Scope>;
  /** Address of the client as the gateway saw it, for limits and audit. */
  readonly clientAddress: string | null;
}

/** A service acting for the platform itself: sagas, consumers, sweepers, seeds. */
export function serviceViewer(name: string): Viewer {
  return {
    kind: 'service',
    principal: `service:${name}`,
    userId: null,
    sessionId: null,
    roles: [],
    scopes: new Set(),
    clientAddress: null,
  };
}

export function isService(viewer: Viewer): boolean {
  return viewer.kind === 'service';
}

export function hasScope(viewer: Viewer, scope: Scope): boolean {
  return viewer.scopes.has(scope);
}
