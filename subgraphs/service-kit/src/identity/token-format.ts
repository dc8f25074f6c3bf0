import { z } from 'zod';

/** The header in which the gateway hands its signed identity to a subgraph. From clients it is dropped at the edge. */
export const IDENTITY_HEADER = 'tessera-identity';
export const IDENTITY_AUDIENCE = 'tessera-subgraphs';
export const IDENTITY_ISSUER = 'tessera-gateway';
/** The `typ` of the token: an access token of a user can never pass as an identity. */
export const IDENTITY_TYPE = 'tessera-identity+jwt';
export const IDENTITY_ALGORITHM = 'EdDSA';
/** From issue to expiry. What a subgraph believes about a caller is never older. */
export const MAX_IDENTITY_SECONDS = 60;

/** What a token says beyond the registered claims. `scope` is space-separated (RFC 8693). */
export const identityClaims = z.object({
  sub: z.string().min(1),
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  kind: z.enum(['user', 'visitor', 'apiKey', 'service']),
  uid: z.string().min(1).nullable(),
  sid: z.string().min(1).nullable(),
  roles: z.array(z.string()),
  scope: z.string(),
  addr: z.string().nullable(),
});

export type IdentityClaims = z.infer<typeof identityClaims>;

/** What the principal of each kind starts with. */
export const PRINCIPAL_PREFIXES: Readonly<Record<IdentityClaims['kind'], string>> = {
  user: 'user:',
  visitor: 'visitor:',
  apiKey: 'key:',
  service: 'service:',
};
