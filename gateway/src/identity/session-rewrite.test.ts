import { expect, it } from '@jest/globals';
import { withTokens } from './session-rewrite.ts';

it.each(['constructor', 'toString', '__proto__'])('a mutation of the name %s beside one that opens a session stays as it is', (name) => {
  const { query, openingKeys } = withTokens({ query: `mutation { sessionRefresh { __typename } ${name} }` });
  expect(openingKeys).toEqual(['sessionRefresh']);
  expect(query).toContain(`  ${name}\n`);
});
