import type { ConditionNode, FetchNode, PlanNode } from '@apollo/query-planner';
import { TesseraError } from '@tessera/service-kit/errors';
import { type GraphQLSchema, isInterfaceType, type OperationDefinitionNode } from 'graphql';
import { type CodeMeter, generate, property } from '../data/generated-code.ts';
import type { Outlines } from '../data/outline.ts';
import { compileRepresentation, type Represent, UNFIT } from '../data/representation.ts';
import { typenameOf } from '../data/rewrite.ts';
import type { Selection } from '../data/selection.ts';
import { copyTree, isTreeObject, merged, type Tree, type TreeObject } from '../data/tree.ts';
import type { Conditions } from '../shape/conditions.ts';
import { type AnswerForm, type CompiledFetch, finishFetch, prepareFetch } from './compiled-fetch.ts';
import { booleanOf, defaultOf } from './condition.ts';
import { askEntities, type Taking } from './entity-batch.ts';
import { neededWhen } from './needed-when.ts';
import { placeEntityErrors, placeRootErrors, tellNoAnswer, tellUnfit } from './place-errors.ts';
import { type Place, Places, type PlanPath } from './places.ts';
import type { ExecutablePlan } from './plan-nodes.ts';
import { type Run, variablesFor } from './run.ts';

/** One node of a plan, ready to run. Never rejects for what a subgraph did. */
export type Step = (run: Run) => Promise<unknown>;

export interface CompiledPlan {
  /** Null where nothing has to be fetched. */
  readonly step: Step | null;
  readonly places: Places;
  /** Generates what else would be at the first answers; `formOf` says how a subgraph answers. */
  prepare(formOf: FormOf): void;
}

export type FormOf = (service: string) => AnswerForm;

interface Parts {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly conditions: Conditions;
  readonly places: Places;
  readonly meter: CodeMeter;
  readonly prepared: Map<FetchNode, ReturnType<typeof prepareFetch>>;
  /** What fetches bring that ask the same of the same subgraph. */
  readonly sameAs: Map<string, Selection[]>;
  readonly later: ((formOf: FormOf) => void)[];
}

export interface PlanParts {
  readonly operation: OperationDefinitionNode;
  /** With everything that composition added. */
  readonly schema: GraphQLSchema;
  /** Those of the client's operation. */
  readonly conditions: Conditions;
  readonly meter: CodeMeter;
  /** What the client gets, by path. */
  readonly outlines: Outlines;
}

/** Compiles a plan in two passes: what does every fetch bring where, then how is it carried out. */
export function compilePlan({ node }: ExecutablePlan, { operation, schema, conditions, meter, outlines }: PlanParts): CompiledPlan {
  const places = new Places(meter, outlines);
  const later: Parts['later'] = [];
  const parts: Parts = { schema, operation, conditions, places, meter, prepared: new Map(), sameAs: new Map(), later };
  const prepare: CompiledPlan['prepare'] = (formOf) => {
    for (const each of later.splice(0)) each(formOf);
  };
  if (!node) return { step: null, places, prepare };
  learn(node, [], parts);
  return { step: compileNode(node, [], parts), places, prepare };
}

function notHere(what: string): never {
  throw new TesseraError('OPERATION_NOT_ALLOWED', `This plan holds ${what}, which cannot be answered in one piece.`);
}

function learn(node: PlanNode, path: PlanPath, parts: Parts): void {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      for (const each of node.nodes) learn(each, path, parts);
      return;
    case 'Flatten':
      learn(node.node, [...path, ...node.path.map(String)], parts);
      return;
    case 'Condition':
      for (const each of [node.ifClause, node.elseClause]) if (each) learn(each, path, parts);
      return;
    case 'Fetch': {
      if (node.contextRewrites?.length) notHere('arguments from context (@fromContext)');
      const prepared = prepareFetch(node, parts.prepared.size, path, parts.places);
      parts.prepared.set(node, prepared);
      const same = parts.sameAs.get(prepared.sameAs);
      if (same) same.push(prepared.selection);
      else parts.sameAs.set(prepared.sameAs, [prepared.selection]);
      return;
    }
    case 'Defer':
      notHere('deferred parts');
  }
}

function compileNode(node: PlanNode, path: PlanPath, parts: Parts): Step {
  switch (node.kind) {
    case 'Sequence':
      return inSequence(node.nodes.map((each) => compileNode(each, path, parts)));
    case 'Parallel':
      return inParallel(node.nodes.map((each) => compileNode(each, path, parts)));
    case 'Flatten':
      return compileNode(node.node, [...path, ...node.path.map(String)], parts);
    case 'Condition':
      return compileCondition(node, path, parts);
    case 'Fetch':
      return compileFetch(node, path, parts);
    case 'Defer':
      return notHere('deferred parts');
  }
}

function inSequence(steps: readonly Step[]): Step {
  return async (run) => {
    for (const step of steps) await step(run);
  };
}

function inParallel(steps: readonly Step[]): Step {
  return (run) => Promise.all(steps.map((step) => step(run)));
}

function compileCondition({ condition, ifClause, elseClause }: ConditionNode, path: PlanPath, parts: Parts): Step {
  const yes = ifClause ? compileNode(ifClause, path, parts) : nothing;
  const no = elseClause ? compileNode(elseClause, path, parts) : nothing;
  const defaultValue = defaultOf(parts.operation, condition);
  return (run) => (booleanOf(run.variables, condition, defaultValue) ? yes : no)(run);
}

const DONE = Promise.resolve();
const nothing: Step = () => DONE;

function compileFetch(node: FetchNode, path: PlanPath, parts: Parts): Step {
  const prepared = parts.prepared.get(node);
  if (!prepared) throw new TypeError('The fetch was not prepared.');
  const same = parts.sameAs.get(prepared.sameAs) ?? [];
  const isAskedTwice = same.length > 1;
  // What is taken by fetches of two places, or has a second name, must be its own at each.
  const isAsItCame = !isAskedTwice && !node.outputRewrites?.length;
  const fetch = finishFetch(prepared, node.outputRewrites, parts.places, parts.schema, parts.meter, isAsItCame);
  const place = parts.places.at(path);
  parts.later.push((formOf) => fetch.prepare(formOf(fetch.service)));
  const merge = compileMerge(fetch.selection, parts);
  if (!node.requires) return rootFetch(fetch, place, merge);
  const requires = neededWhen(node, parts.schema, parts.conditions);
  const { represent, prepare } = compileRepresentation(requires, node.inputRewrites, parts.schema, parts.meter);
  parts.later.push(prepare);
  const taking: Taking = {
    mayShare: parts.operation.operation === 'query' && isAskedTwice,
    isKept: !same.some((selection) => parts.places.isMergedInto(selection)),
  };
  const leaveOut = leaverOut(fetch, place, parts.places);
  return entityFetch(fetch, place, { merge, represent, leaveOut }, taking);
}

type Merge = (target: TreeObject, source: TreeObject) => void;

/** Key by key without asking which keys there are; what is nested on both sides is merged in the general way. */
function compileMerge({ fields }: Selection, { schema, meter }: Parts): Merge {
  const lines = [...fields].map(([key, below]) => {
    const at = property(key);
    if (key === '__typename') return `x = s${at}; if (x !== undefined && x !== o${at}) o${at} = typename(o${at}, x);`;
    const value = below ? `o${at} === undefined || o${at} === null ? x : merged(o${at}, x)` : 'x';
    return `x = s${at}; if (x !== undefined) o${at} = ${value};`;
  });
  return generate(`return (o, s) => { let x; ${lines.join('\n')} };`, { merged, typename: typenameMerge(schema) }, meter);
}

/** A subgraph that knows an entity as an interface object only names the interface: that takes nothing back from who knew the type. */
function typenameMerge(schema: GraphQLSchema) {
  return (known: Tree, given: Tree): Tree => {
    if (known === undefined || known === null) return given;
    const name = typenameOf({ $__typename: given });
    return name !== null && isInterfaceType(schema.getType(name)) ? known : given;
  };
}

function rootFetch(fetch: CompiledFetch, place: Place, merge: Merge): Step {
  return (run) => {
    const targets = place.objectsOf(run);
    if (targets.length === 0) return DONE;
    const request = { fetch, variables: variablesFor(run, fetch.variables), representationCount: 0 };
    return run.ask(request, run.context).then(({ data, errors }) => {
      if (errors.length > 0) placeRootErrors(run, fetch, place.path, errors);
      if (!data) {
        if (errors.length === 0) tellNoAnswer(run);
        run.lacking.add({ of: fetch.selection, objects: new Set(targets) });
        return;
      }
      fetch.rewrite?.(data);
      for (const [index, target] of targets.entries()) merge(target, index === 0 ? data : copyTree(data));
    });
  };
}

interface EntitySteps {
  readonly merge: Merge;
  readonly represent: Represent;
  readonly leaveOut: LeaveOut;
}

function entityFetch(fetch: CompiledFetch, place: Place, { merge, represent, leaveOut }: EntitySteps, taking: Taking): Step {
  return (run) => {
    const indexes = new Map<string, number>();
    const owners: TreeObject[][] = [];
    let unasked: Set<TreeObject> | null = null;
    for (const object of place.objectsOf(run)) {
      const text = represent(object, run.conditions);
      if (!text) {
        if (text === UNFIT || (run.lacking.size > 0 && lacksAnything(run, object))) {
          unasked ??= new Set();
          unasked.add(object);
        }
        continue;
      }
      const index = indexes.get(text);
      if (index === undefined) {
        indexes.set(text, owners.length);
        owners.push([object]);
      } else owners[index]?.push(object);
    }
    if (unasked) leaveOut(run, unasked);
    if (owners.length === 0) return DONE;
    return askEntities(run, fetch, [...indexes.keys()], taking).then(({ take, errors }) => {
      placeEntityErrors(run, fetch, place.path, errors, (entity) => owners[entity] ?? []);
      let lacking: Set<TreeObject> | null = null;
      owners.forEach((objects, index) => {
        for (const object of objects) {
          const entity = take(index);
          if (isTreeObject(entity)) merge(object, entity);
          else {
            lacking ??= new Set();
            lacking.add(object);
          }
        }
      });
      if (lacking) run.lacking.add({ of: fetch.selection, objects: lacking });
    });
  };
}

type LeaveOut = (run: Run, objects: ReadonlySet<TreeObject>) => void;

/** Of objects that do not hold what the subgraph is asked by. An error says so, where it is not for what another fetch did not bring. */
function leaverOut({ selection }: CompiledFetch, { path }: Place, places: Places): LeaveOut {
  return (run, objects) => {
    const isExcused = [...run.lacking].some((each) => each.objects === null && places.suppliesAt(each.of, path));
    const unexplained = isExcused ? [] : [...objects].filter((each) => !lacksAnything(run, each));
    run.lacking.add({ of: selection, objects });
    if (unexplained.length > 0) tellUnfit(run, path, new Set(unexplained));
  };
}

/** Of what an object lacks, something may have been needed to ask for more. */
function lacksAnything({ lacking }: Run, object: TreeObject): boolean {
  for (const { objects } of lacking) if (objects?.has(object)) return true;
  return false;
}
