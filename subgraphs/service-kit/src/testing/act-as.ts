import { type Role, type Scope, scopesOf } from '@tessera/schema/contract';
import { serviceViewer, type Viewer } from '../identity/index.ts';
import { newId } from '../ids/index.ts';

/** Viewers for tests, as the gateway would have verified them. */
export const actAs = {
  user: (
    userId: string = newId('user'),
    { roles = ['CUSTOMER'], scopes = scopesOf(roles) }: { roles?: readonly Role[]; scopes?: readonly Scope[] } = {},
  ): Viewer & { readonly userId: string } => ({
    kind: 'user',
    principal: `user:${userId}`,
    userId,
    sessionId: null,
    roles,
    scopes: new Set(scopes),
    clientAddress: '127.0.0.1',
  }),
  vendor: (userId?: string) => actAs.user(userId, { roles: ['CUSTOMER', 'VENDOR'] }),
  admin: (userId?: string) => actAs.user(userId, { roles: ['ADMIN'] }),
  visitor: (): Viewer => ({
    kind: 'visitor',
    principal: `visitor:${newId('visitor')}`,
    userId: null,
    sessionId: null,
    roles: [],
    scopes: new Set(),
    clientAddress: '127.0.0.1',
  }),
  service: (name: string): Viewer => serviceViewer(name),
} as const;
