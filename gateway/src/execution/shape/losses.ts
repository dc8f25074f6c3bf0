import { type GraphQLCompositeType, isAbstractType, isCompositeType, isObjectType } from 'graphql';
import { elementsOf } from '../data/loose-text.ts';
import { typenameOf } from '../data/rewrite.ts';
import { isTreeObject, type Tree, type TreeObject } from '../data/tree.ts';
import { errorOf, isUnfit, MAX_ERRORS, moreErrors } from '../plan/place-errors.ts';
import type { Places } from '../plan/places.ts';
import type { Lack, Run } from '../plan/run.ts';
import { type AnswerField, AnswerFields, type ValueType } from './answer-fields.ts';
import type { SetUse } from './collect-fields.ts';
import { type ClientShape, isAboutSchema } from './compile-shape.ts';
import { holds } from './conditions.ts';
import { type Explained, explainedBelow, explainedBy } from './explained.ts';

/**
 * Says of each position why the client gets null there: what was answered is not of the type, or null may not be (GraphQL specification, "Handling
 * Execution Errors"). Not where an error is there already, at the position, above or below; nor of an entity that is not there, and what follows
 * from that. For answers only in which something is missing: it looks at all of the answer once more.
 */
export function lossTeller(asked: ClientShape, places: Places): (run: Run) => void {
  const fields = new AnswerFields(asked);
  return (run) => {
    const losses = new Losses({ run, asked, places, fields });
    losses.object(asked.type, asked.sets, run.root, '', explainedBy(run.errors.filter((each) => !isUnfit(each))));
    if (losses.count > MAX_ERRORS) run.errors.push(moreErrors(run, losses.count - MAX_ERRORS, undefined));
  };
}

/** `told`: it is null, and there is an error or another reason that explains it. */
type Outcome = 'there' | 'null' | 'told';

/** Null where an object is not of a type that the client may see. */
type ObjectOutcome = Exclude<Outcome, 'null'> | null;

interface Parts {
  readonly run: Run;
  readonly asked: ClientShape;
  readonly places: Places;
  readonly fields: AnswerFields;
}

class Losses {
  /** Those that are told, and those beyond the bound. */
  count = 0;
  private readonly parts: Parts;
  private readonly lacking: readonly Lack[];
  private readonly path: (string | number)[] = [];

  constructor(parts: Parts) {
    this.parts = parts;
    this.lacking = [...parts.run.lacking];
  }

  /** ExecuteSelectionSet: ends at the first field that takes the object with it. */
  object(
    type: GraphQLCompositeType,
    sets: readonly SetUse[],
    object: TreeObject,
    place: string,
    explained: Explained | null,
  ): ObjectOutcome {
    for (const field of this.parts.fields.of(type, sets, place)) {
      if ((field.whens && !holds(field.whens, this.parts.run.conditions)) || isAboutSchema(field.name)) continue;
      if (field.name === '__typename') {
        if (!isObjectType(type)) return null;
        continue;
      }
      if (!field.type) return null;
      const outcome = this.field(field, field.type, object, explained);
      if (outcome !== 'there' && field.type.isRequired) return 'told';
    }
    return 'there';
  }

  private field(field: AnswerField, type: ValueType, parent: TreeObject, explained: Explained | null): Outcome {
    const value = parent[field.slot];
    if (value === undefined && this.isLacking(parent, field.key)) return 'told';
    return this.at(field.key, field, type, value, explained);
  }

  /** A fetch would have brought it, or needed what another one would have brought. */
  private isLacking(object: TreeObject, key: string): boolean {
    return this.lacking.some(({ of, objects }) => objects?.has(object) && of.fields.has(key));
  }

  private isExcused({ place }: AnswerField): boolean {
    return this.lacking.some(({ of, objects }) => objects === null && this.parts.places.brings(of, place));
  }

  private at(part: string | number, field: AnswerField, type: ValueType, value: Tree, explained: Explained | null): Outcome {
    this.path.push(part);
    const outcome = this.value(field, type, value, explainedBelow(explained, part));
    this.path.pop();
    return outcome;
  }

  /** CompleteValue. */
  private value(field: AnswerField, type: ValueType, value: Tree, explained: Explained | null): Outcome {
    if (value === null || value === undefined) return type.isRequired ? this.tellNull(field, explained) : 'null';
    if (type.composite && typeof value === 'string' && this.parts.places.mayBeText(field.place)) return 'there'; // it was checked
    if (type.member) return this.list(field, type, type.member, value, explained);
    if (type.check) return type.check(value) === null ? this.tellForm(field, type, explained) : 'there';
    if (!type.composite || !isTreeObject(value)) return this.tellForm(field, type, explained);
    const outcome = this.composite(field, type.composite, value, explained);
    if (outcome !== null) return outcome;
    return this.isLacking(value, '__typename') ? 'told' : this.tellForm(field, type, explained);
  }

  /** Looks at all members. */
  private list(field: AnswerField, type: ValueType, member: ValueType, value: Tree, explained: Explained | null): Outcome {
    const members = type.check ? leavesOf(value) : value;
    if (!Array.isArray(members)) return this.tellForm(field, type, explained);
    let isLost = false;
    for (let index = 0; index < members.length; index += 1) {
      const outcome = this.at(index, field, member, members[index], explained);
      if (outcome !== 'there' && member.isRequired) isLost = true;
    }
    return isLost ? 'told' : 'there';
  }

  private composite(field: AnswerField, declared: GraphQLCompositeType, value: TreeObject, explained: Explained | null): ObjectOutcome {
    const type = isAbstractType(declared) ? this.typeOf(value, declared) : declared;
    return type ? this.object(type, field.sets, value, field.place, explained) : null;
  }

  private typeOf(value: TreeObject, declared: GraphQLCompositeType): GraphQLCompositeType | null {
    if (value.$__typename === undefined || value.$__typename === null) return declared;
    const type = this.parts.asked.schema.getType(typenameOf(value) ?? '');
    return isCompositeType(type) ? type : null;
  }

  private tellNull(field: AnswerField, explained: Explained | null): Outcome {
    if (this.isExcused(field)) return 'told';
    return this.tell(explained, () => `Cannot return null for non-nullable field ${field.of}.`);
  }

  /** Never with the value: it may be anything. */
  private tellForm(field: AnswerField, { type }: ValueType, explained: Explained | null): Outcome {
    return this.tell(explained, () => `${String(type)} cannot represent what the subgraph answered for ${field.of}.`);
  }

  private tell(explained: Explained | null, message: () => string): Outcome {
    if (explained) return 'told';
    this.count += 1;
    const { run } = this.parts;
    if (this.count <= MAX_ERRORS) run.errors.push(errorOf(run, message(), [...this.path]));
    return 'told';
  }
}

/** A list of leaves comes as one text. */
function leavesOf(value: Tree): Tree {
  if (typeof value !== 'string' || !value.startsWith('[')) return null;
  return elementsOf(value).map((element) => (element === 'null' ? null : element));
}
