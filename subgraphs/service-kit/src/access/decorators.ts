import type { Scope } from '@tessera/schema/contract';
import type { GraphQLField } from 'graphql';
import { Directive, Extensions } from 'type-graphql';
import { InvariantViolation } from '../errors/index.ts';
import type { AccessRule } from './rule.ts';

const EXTENSION = 'tesseraAccess';

/** Open to everybody, on purpose. Every root field carries one of these three decorators; a test fails for one that does not. */
export function Public(): MethodDecorator {
  return Extensions({ [EXTENSION]: { kind: 'public' } satisfies AccessRule }) as MethodDecorator;
}

/** For signed-in users; what they may touch is decided by ownership of the row. */
export function Authenticated(): MethodDecorator {
  return both({ kind: 'authenticated' }, '@authenticated');
}

/** For callers with all scopes of at least one group. @throws InvariantViolation for no group, which admits nobody, or an empty one: everybody */
export function RequiresScopes(scopes: readonly (readonly Scope[])[]): MethodDecorator {
  if (scopes.length === 0 || scopes.some((group) => group.length === 0))
    throw new InvariantViolation('@RequiresScopes takes groups of at least one scope.');
  return both({ kind: 'scopes', scopes }, `@requiresScopes(scopes: ${JSON.stringify(scopes)})`);
}

/** The declared rule of a root field, or undefined where none was declared. */
export function accessRuleOf(field: GraphQLField<unknown, unknown>): AccessRule | undefined {
  return field.extensions[EXTENSION] as AccessRule | undefined; // extensions are untyped; only this file writes the key
}

function both(rule: AccessRule, directive: string): MethodDecorator {
  return (target, key, descriptor) => {
    (Directive(directive) as MethodDecorator)(target, key, descriptor);
    (Extensions({ [EXTENSION]: rule }) as MethodDecorator)(target, key, descriptor);
  };
}
