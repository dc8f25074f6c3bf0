import { expect, it } from '@jest/globals';
import { RequiresScopes } from './decorators.ts';

it.each([[[]], [[[]]], [[['audit:read'], []]]])('MUST not build with scopes that admit everybody or nobody: %j', (scopes) => {
  expect(() => RequiresScopes(scopes as never)).toThrow('at least one scope');
});

it('takes alternatives of scopes', () => {
  expect(() => RequiresScopes([['audit:read'], ['users:read', 'users:write']])).not.toThrow();
});
