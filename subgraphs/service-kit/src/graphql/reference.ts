import { Kind, parse, type SelectionSetNode } from 'graphql';
import { InvariantViolation } from '../errors/index.ts';
import type { RequestContext } from './context.ts';

/** Answers an entity for `{ __typename, id }`, or null where there is none or the viewer may not see it. */
export type ReferenceResolver<Services = never> = (
  reference: { readonly id: string },
  context: RequestContext<Services>,
) => Promise<object | null> | object | null;

/** For an entity with other keys than `id`: each as in its `@key`. */
export interface KeyedReference<Services = never> {
  readonly keys: readonly string[];
  /** Gets a reference that holds at least one of the keys, and whatever `@requires` of its fields asked for. */
  readonly resolve: (
    reference: Readonly<Record<string, unknown>>,
    context: RequestContext<Services>,
  ) => Promise<object | null> | object | null;
}

export type References<Services = never> = Readonly<Record<string, ReferenceResolver<Services> | KeyedReference<Services>>>;

/** Whether a JSON value refers to an entity of this type: it holds one of the keys, and each leaf of it is a text. */
export type ReferenceCheck = (value: Readonly<Record<string, unknown>>) => boolean;

const ID_ONLY: readonly string[] = ['id'];

export function checkOf(reference: References[string]): ReferenceCheck {
  const keys = (typeof reference === 'function' ? ID_ONLY : reference.keys).map(selectionOf);
  return (value) => keys.some((key) => holds(value, key));
}

/** As federation calls it. */
export function resolverOf(reference: References[string]): (value: { readonly id: string }, context: RequestContext<never>) => unknown {
  if (typeof reference === 'function') return reference;
  return (value, context) => reference.resolve(value as Readonly<Record<string, unknown>>, context);
}

function holds(value: unknown, key: SelectionSetNode): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return key.selections.every((each) => {
    if (each.kind !== Kind.FIELD || !Object.hasOwn(value, each.name.value)) return false;
    const inner: unknown = (value as Readonly<Record<string, unknown>>)[each.name.value]; // an object of JSON
    return each.selectionSet ? holds(inner, each.selectionSet) : typeof inner === 'string';
  });
}

function selectionOf(key: string): SelectionSetNode {
  const [definition] = parse(`{${key}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new InvariantViolation(`${key} is no key.`);
  return definition.selectionSet;
}
