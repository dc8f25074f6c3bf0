import { type ConstDirectiveNode, type DocumentNode, Kind, print, visit } from 'graphql';

/** As the kit declares it; in the SDL, `public` is the absence of a directive. */
export type AccessEntry =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scopes'; readonly scopes: readonly (readonly string[])[] };

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);
const ACCESS_DIRECTIVES = new Set(['authenticated', 'requiresScopes']);

/** The access rules of all root fields, by `Query.order`, read from the directives in the SDL. */
export function accessRulesOf(document: DocumentNode): Readonly<Record<string, AccessEntry>> {
  const rules: Record<string, AccessEntry> = {};
  for (const definition of document.definitions) {
    if (
      (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) ||
      !ROOTS.has(definition.name.value)
    )
      continue;
    for (const field of definition.fields ?? []) {
      const rule = field.directives?.map(ruleOf).find((found) => found !== null);
      rules[`${definition.name.value}.${field.name.value}`] = rule ?? { kind: 'public' };
    }
  }
  return rules;
}

/** The SDL without access directives: the stock gateway refuses a supergraph that has them, and enforces none of them. */
export function withoutAccessDirectives(document: DocumentNode): DocumentNode {
  return visit(document, {
    Directive: (node) => (ACCESS_DIRECTIVES.has(node.name.value) ? null : undefined),
    StringValue: (node) => (ACCESS_DIRECTIVES.has(node.value.slice(1)) && node.value.startsWith('@') ? null : undefined),
  });
}

function ruleOf(directive: ConstDirectiveNode): AccessEntry | null {
  if (directive.name.value === 'authenticated') return { kind: 'authenticated' };
  if (directive.name.value !== 'requiresScopes') return null;
  const scopes = directive.arguments?.find((argument) => argument.name.value === 'scopes')?.value;
  if (!scopes) return null;
  return { kind: 'scopes', scopes: JSON.parse(print(scopes)) as string[][] }; // a list of lists of strings is printed as JSON
}
