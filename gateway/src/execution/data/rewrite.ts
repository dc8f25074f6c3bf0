import type { FetchDataRewrite } from '@apollo/query-planner';
import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';
import { isTreeObject, slotOf, type Tree, type TreeObject } from './tree.ts';
import { parseWire, wireJson } from './wire.ts';

export type Rewrite = (value: Tree) => void;

const FRAGMENT = '... on ';

/** Renames keys and sets values where the planner had to ask under other names than the operation. */
export function compileRewrites(rewrites: readonly FetchDataRewrite[] | undefined, schema: GraphQLSchema): Rewrite | null {
  if (!rewrites || rewrites.length === 0) return null;
  const compiled = rewrites.map((each) => compileRewrite(each, schema));
  return (value) => {
    for (const rewrite of compiled) rewrite(value);
  };
}

function compileRewrite(rewrite: FetchDataRewrite, schema: GraphQLSchema): Rewrite {
  const last = slotOf(rewrite.path.at(-1) ?? '');
  const change = rewrite.kind === 'ValueSetter' ? setter(last, wireJson(rewrite.setValueTo)) : renamer(last, slotOf(rewrite.renameKeyTo));
  return rewrite.path.slice(0, -1).reduceRight<Rewrite>((inner, element) => step(element, inner, schema), onEach(change));
}

function setter(slot: ReturnType<typeof slotOf>, text: string): (object: TreeObject) => void {
  return (object) => {
    object[slot] = text;
  };
}

function renamer(from: ReturnType<typeof slotOf>, to: ReturnType<typeof slotOf>): (object: TreeObject) => void {
  return (object) => {
    if (object[from] === undefined) return;
    object[to] = object[from];
    object[from] = undefined;
  };
}

function step(element: string, inner: Rewrite, schema: GraphQLSchema): Rewrite {
  if (!element.startsWith(FRAGMENT)) {
    const slot = slotOf(element);
    return onEach((object) => inner(object[slot]));
  }
  const condition = element.slice(FRAGMENT.length);
  return onEach((object) => {
    const typename = typenameOf(object);
    if (typename === null || isOfType(schema, typename, condition)) inner(object);
  });
}

function onEach(change: (object: TreeObject) => void): Rewrite {
  const visit = (value: Tree): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    else if (isTreeObject(value)) change(value);
  };
  return visit;
}

export function typenameOf({ $__typename }: TreeObject): string | null {
  if (typeof $__typename !== 'string') return null;
  const name = parseWire($__typename);
  return typeof name === 'string' ? name : null;
}

/** Whether an object of this type, which may be an interface where a subgraph knows no more, fulfils the condition. */
export function isOfType(schema: GraphQLSchema, typename: string, condition: string): boolean {
  if (typename === condition) return true;
  const type = schema.getType(typename);
  const wanted = schema.getType(condition);
  if (!type || !wanted || !isAbstractType(wanted)) return false;
  return (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wanted, type);
}
