import { type Role, type Scope, scopesOf } from '@tessera/schema/contract';
import { signIdentity, type Viewer } from '@tessera/service-kit/identity';
import { openSecrets } from './secrets.ts';

export interface WhoAsks {
  /** `usr_…`; a visitor when left out. */
  readonly user?: string | undefined;
  readonly roles?: readonly Role[];
  /** Beyond those of the roles. */
  readonly scopes?: readonly Scope[];
}

/** What the gateway of this stack would send along to a subgraph for such a caller; good for 60 s. */
export async function signedIdentity(who: WhoAsks, secretsFile: string): Promise<string> {
  const key = openSecrets(secretsFile).environment.IDENTITY_PRIVATE_KEY ?? '';
  return signIdentity(viewerOf(who), { privateKey: JSON.parse(key) });
}

function viewerOf({ user, roles = [], scopes = [] }: WhoAsks): Viewer {
  return {
    kind: user ? 'user' : 'visitor',
    principal: user ? `user:${user}` : 'visitor:vis_token',
    userId: user ?? null,
    sessionId: null,
    roles,
    scopes: new Set([...scopesOf(roles), ...scopes]),
    clientAddress: '127.0.0.1',
  };
}
