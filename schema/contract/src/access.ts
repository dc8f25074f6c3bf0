export const ROLES = ['CUSTOMER', 'VENDOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

export const SCOPES = [
  'audit:read',
  'catalog:admin',
  'catalog:write',
  'flags:write',
  'flash-sales:write',
  'insights:read',
  'ledger:read',
  'ledger:write',
  'orders:read',
  'orders:vendor',
  'orders:write',
  'payments:read',
  'payments:refund',
  'payments:review',
  'stock:read',
  'stock:write',
  'transfers:batch',
  'users:read',
  'users:write',
] as const;
export type Scope = (typeof SCOPES)[number];

/** What a role may do beyond its own things. A customer needs no scope for what is theirs. */
export const ROLE_SCOPES: Readonly<Record<Role, readonly Scope[]>> = {
  CUSTOMER: [],
  VENDOR: ['catalog:write', 'stock:write', 'stock:read', 'orders:vendor', 'transfers:batch'],
  ADMIN: SCOPES,
};

/** The scopes of several roles together, sorted, each once. */
export function scopesOf(roles: readonly Role[]): Scope[] {
  return [...new Set(roles.flatMap((role) => ROLE_SCOPES[role]))].sort();
}
