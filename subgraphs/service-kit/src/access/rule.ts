import type { Scope } from '@tessera/schema/contract';
import { unreachable } from '../errors/index.ts';
import type { Viewer } from '../identity/viewer.ts';

/** Who may call a root field. `scopes` is a disjunction of conjunctions, as in `@requiresScopes`. */
export type AccessRule =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scopes'; readonly scopes: readonly (readonly Scope[])[] };

export type AccessDecision = 'allowed' | 'UNAUTHENTICATED' | 'FORBIDDEN';

/** Whether the viewer may call a field with this rule. Ownership of rows is checked by the field itself. */
export function allows(rule: AccessRule, viewer: Viewer): AccessDecision {
  switch (rule.kind) {
    case 'public':
      return 'allowed';
    case 'authenticated':
      return viewer.userId ? 'allowed' : 'UNAUTHENTICATED';
    case 'scopes':
      if (rule.scopes.some((all) => all.every((scope) => viewer.scopes.has(scope)))) return 'allowed';
      return viewer.userId || viewer.kind === 'apiKey' ? 'FORBIDDEN' : 'UNAUTHENTICATED';
    default:
      return unreachable(rule);
  }
}
