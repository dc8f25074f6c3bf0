import { SCOPES } from '@tessera/schema/contract';
import { type AccessRule, allows } from '@tessera/service-kit/access';
import type { Viewer } from '@tessera/service-kit/identity';
import { type FieldNode, GraphQLError } from 'graphql';
import { z } from 'zod';

/** `Query.order` → rule. A root field that is not listed is open to everybody. */
export type AccessRules = ReadonlyMap<string, AccessRule>;

const rule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('public') }),
  z.object({ kind: z.literal('authenticated') }),
  z.object({ kind: z.literal('scopes'), scopes: z.array(z.array(z.enum(SCOPES))) }),
]);
const rulesSchema = z.record(z.string(), rule);

/** Reads `schema/access.json`, which composition writes; throws where it is not of that shape, so that a broken file never opens a field. */
export function parseAccessRules(content: unknown): AccessRules {
  return new Map(Object.entries(rulesSchema.parse(content)));
}

/** The error for a root field that the viewer may not use, or null. */
export function refusalOf(
  rules: AccessRules,
  typeName: string,
  responseKey: string,
  field: FieldNode,
  viewer: Viewer,
): GraphQLError | null {
  const name = field.name.value;
  const declared = rules.get(`${typeName}.${name}`);
  const decision = declared ? allows(declared, viewer) : 'allowed';
  switch (decision) {
    case 'allowed':
      return null;
    case 'UNAUTHENTICATED':
      return new GraphQLError(`${name} is for signed-in users: send an access token.`, {
        nodes: field,
        path: [responseKey],
        extensions: { code: 'UNAUTHENTICATED' },
      });
    case 'FORBIDDEN':
      return new GraphQLError(`You may not use ${name}: a scope is missing.`, {
        nodes: field,
        path: [responseKey],
        extensions: { code: 'FORBIDDEN' },
      });
  }
}
