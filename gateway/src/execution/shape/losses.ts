import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { leafRule } from '../data/leaf-rules.ts';
import { elementsOf } from '../data/loose-text.ts';
import { typenameOf } from '../data/rewrite.ts';
import { isTreeObject, slotOf, type Tree, type TreeObject } from '../data/tree.ts';
import { MAX_ERRORS, moreErrors, ownError } from '../plan/place-errors.ts';
import type { Places } from '../plan/places.ts';
import type { Run } from '../plan/run.ts';
import { collectFields, type FieldUse, type SetUse } from './collect-fields.ts';
import { type ClientShape, isAboutSchema } from './compile-shape.ts';
import { type Explained, explainedBelow, explainedBy } from './explained.ts';

/**
 * Says of each position why the client gets null there: what was answered is not of the type, or null may not be (GraphQL specification, "Handling
 * Execution Errors"). Not where an error is there already, at the position, above or below; nor of an entity that is not there, and what follows
 * from that. Slow, and only for answers in which something is missing: it looks at all of the answer as the printers did.
 */
export function tellLosses(run: Run, asked: ClientShape, places: Places): void {
  const { errors } = run;
  const losses = new Losses(run, asked, places);
  losses.object(asked.type, asked.sets, run.root, '', explainedBy(errors));
  if (losses.count > MAX_ERRORS) errors.push(moreErrors(run, losses.count - MAX_ERRORS, undefined));
}

/** `null` where nobody has said why yet; `told` is null too. */
type Outcome = 'there' | 'null' | 'told';

/** Null where an object is not of a type that the client may see. */
type ObjectOutcome = Exclude<Outcome, 'null'> | null;

/** One field of an object of one type. */
interface Field {
  readonly key: string;
  readonly name: string;
  readonly uses: readonly FieldUse[];
  /** `Type.field`, for messages. */
  readonly of: string;
  /** Undefined where the type has no such field. */
  readonly type: GraphQLOutputType | undefined;
  /** Of its value, if that is an object. */
  readonly sets: readonly SetUse[];
  readonly place: string;
}

class Losses {
  /** Those that are told, and those beyond the bound. */
  count = 0;
  private readonly run: Run;
  private readonly asked: ClientShape;
  private readonly places: Places;
  private readonly hasErrorOfAll: boolean;
  private readonly path: (string | number)[] = [];
  private readonly fields = new Map<readonly SetUse[], Map<GraphQLCompositeType, readonly Field[]>>();

  constructor(run: Run, asked: ClientShape, places: Places) {
    this.run = run;
    this.asked = asked;
    this.places = places;
    this.hasErrorOfAll = run.errors.some(({ path }) => path === undefined);
  }

  /** ExecuteSelectionSet: ends at the first field that takes the object with it. */
  object(
    type: GraphQLCompositeType,
    sets: readonly SetUse[],
    object: TreeObject,
    place: string,
    explained: Explained | null,
  ): ObjectOutcome {
    for (const field of this.fieldsOf(type, sets, place)) {
      if (!this.isAsked(field) || isAboutSchema(field.name)) continue;
      if (field.name === '__typename') {
        if (!isObjectType(type)) return null;
        continue;
      }
      if (!field.type) return null;
      const outcome = this.field(field, field.type, object, explained);
      if (outcome !== 'there' && isNonNullType(field.type)) return 'told';
    }
    return 'there';
  }

  private isAsked({ uses }: Field): boolean {
    const { conditions } = this.run;
    return uses.some(({ when }) => when.every(({ variable, is }) => conditions[variable] === is));
  }

  private field(field: Field, type: GraphQLOutputType, parent: TreeObject, explained: Explained | null): Outcome {
    const value = parent[slotOf(field.key)];
    if (value === undefined && this.run.lacking.has(parent)) return 'told'; // a fetch would have brought it, or needed what that would have brought
    return this.at(field.key, field, type, value, explained);
  }

  private at(part: string | number, field: Field, type: GraphQLOutputType, value: Tree, explained: Explained | null): Outcome {
    this.path.push(part);
    const outcome = this.value(field, type, value, explainedBelow(explained, part));
    this.path.pop();
    return outcome;
  }

  /** CompleteValue. */
  private value(field: Field, type: GraphQLOutputType, value: Tree, explained: Explained | null): Outcome {
    if (isNonNullType(type)) {
      const outcome = this.value(field, type.ofType, value, explained);
      return outcome === 'null' ? this.tellNull(field, explained) : outcome;
    }
    if (value === null || value === undefined) return 'null';
    const named = getNamedType(type);
    if (isCompositeType(named) && typeof value === 'string' && this.places.mayBeText(field.place)) return 'there'; // it was checked
    if (isListType(type)) return this.list(field, type.ofType, value, explained) ?? this.tellForm(field, type, explained);
    if (isLeafType(named)) return leafRule(named).check(value) === null ? this.tellForm(field, type, explained) : 'there';
    if (!isTreeObject(value)) return this.tellForm(field, type, explained);
    const outcome = this.composite(field, named as GraphQLCompositeType, value, explained); // neither leaf nor list
    if (outcome !== null) return outcome;
    return this.run.lacking.has(value) ? 'told' : this.tellForm(field, type, explained);
  }

  /** Looks at all members; null where it is no list. */
  private list(field: Field, type: GraphQLOutputType, value: Tree, explained: Explained | null): Outcome | null {
    const members = isLeafType(getNamedType(type)) ? leavesOf(value) : value;
    if (!Array.isArray(members)) return null;
    let isLost = false;
    for (const [index, member] of members.entries()) {
      const outcome = this.at(index, field, type, member, explained);
      if (outcome !== 'there' && isNonNullType(type)) isLost = true;
    }
    return isLost ? 'told' : 'there';
  }

  private composite(field: Field, declared: GraphQLCompositeType, value: TreeObject, explained: Explained | null): ObjectOutcome {
    const type = isAbstractType(declared) ? this.typeOf(value, declared) : declared;
    return type ? this.object(type, field.sets, value, field.place, explained) : null;
  }

  private typeOf(value: TreeObject, declared: GraphQLCompositeType): GraphQLCompositeType | null {
    if (value.$__typename === undefined || value.$__typename === null) return declared;
    const type = this.asked.schema.getType(typenameOf(value) ?? '');
    return isCompositeType(type) ? type : null;
  }

  private fieldsOf(type: GraphQLCompositeType, sets: readonly SetUse[], place: string): readonly Field[] {
    const byType = this.fields.get(sets) ?? new Map<GraphQLCompositeType, readonly Field[]>();
    this.fields.set(sets, byType);
    const known = byType.get(type);
    if (known) return known;
    const definitions: Readonly<Record<string, GraphQLField<unknown, unknown>>> = isUnionType(type) ? {} : type.getFields();
    const fields = [...collectFields(type, sets, this.asked)].map(([key, uses]): Field => {
      const name = uses[0]?.node.name.value ?? '';
      const below = uses.flatMap(({ node, when }) => (node.selectionSet ? [{ set: node.selectionSet, when }] : []));
      const at = place === '' ? key : `${place}.${key}`;
      return { key, name, uses, of: `${type.name}.${name}`, type: definitions[name]?.type, sets: below, place: at };
    });
    byType.set(type, fields);
    return fields;
  }

  private tellNull(field: Field, explained: Explained | null): Outcome {
    if (this.hasErrorOfAll) return 'told';
    return this.tell(explained, () => `Cannot return null for non-nullable field ${field.of}.`);
  }

  /** Never with the value: it may be anything. */
  private tellForm(field: Field, type: GraphQLOutputType, explained: Explained | null): Outcome {
    return this.tell(explained, () => `${String(type)} cannot represent what the subgraph answered for ${field.of}.`);
  }

  private tell(explained: Explained | null, message: () => string): Outcome {
    if (explained) return 'told';
    this.count += 1;
    if (this.count <= MAX_ERRORS) this.run.errors.push(ownError(this.run, message(), [...this.path]));
    return 'told';
  }
}

/** A list of leaves comes as one text. */
function leavesOf(value: Tree): Tree {
  if (typeof value !== 'string' || !value.startsWith('[')) return null;
  return elementsOf(value).map((element) => (element === 'null' ? null : element));
}
