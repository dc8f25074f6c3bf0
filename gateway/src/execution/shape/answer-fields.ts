import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isUnionType,
} from 'graphql';
import { type LeafRule, leafRule } from '../data/leaf-rules.ts';
import { type Slot, slotOf } from '../data/tree.ts';
import { collectFields, type SetUse } from './collect-fields.ts';
import type { ClientShape } from './compile-shape.ts';
import type { When } from './conditions.ts';

/** What a value may be, without asking the schema again. */
export interface ValueType {
  /** That lets null be. */
  readonly type: GraphQLOutputType;
  readonly isRequired: boolean;
  /** Of a list. */
  readonly member: ValueType | null;
  /** Of leaves, also within lists. */
  readonly check: LeafRule['check'] | null;
  /** Of objects, also within lists. */
  readonly composite: GraphQLCompositeType | null;
}

/** One field of the answer, of objects of one type. */
export interface AnswerField {
  readonly key: string;
  readonly slot: Slot;
  readonly name: string;
  /** One of these must hold; null where the field is always asked for. */
  readonly whens: readonly When[] | null;
  /** `Type.field`, for messages. */
  readonly of: string;
  /** Null where the type has no such field. */
  readonly type: ValueType | null;
  /** Of its value, if that is an object. */
  readonly sets: readonly SetUse[];
  readonly place: string;
}

/** The fields of an answer by selection sets and type, collected when they are first looked at. */
export class AnswerFields {
  private readonly asked: ClientShape;
  private readonly bySets = new Map<readonly SetUse[], Map<GraphQLCompositeType, readonly AnswerField[]>>();

  constructor(asked: ClientShape) {
    this.asked = asked;
  }

  of(type: GraphQLCompositeType, sets: readonly SetUse[], place: string): readonly AnswerField[] {
    let byType = this.bySets.get(sets);
    if (!byType) {
      byType = new Map();
      this.bySets.set(sets, byType);
    }
    let fields = byType.get(type);
    if (!fields) {
      fields = this.collect(type, sets, place);
      byType.set(type, fields);
    }
    return fields;
  }

  private collect(type: GraphQLCompositeType, sets: readonly SetUse[], place: string): readonly AnswerField[] {
    const definitions: Readonly<Record<string, GraphQLField<unknown, unknown>>> = isUnionType(type) ? {} : type.getFields();
    return [...collectFields(type, sets, this.asked)].map(([key, uses]) => {
      const name = uses[0]?.node.name.value ?? '';
      const whens = uses.map(({ when }) => when);
      const definition = definitions[name];
      return {
        key,
        slot: slotOf(key),
        name,
        whens: whens.some((when) => when.length === 0) ? null : whens,
        of: `${type.name}.${name}`,
        type: definition ? valueTypeOf(definition.type) : null,
        sets: uses.flatMap(({ node, when }) => (node.selectionSet ? [{ set: node.selectionSet, when }] : [])),
        place: place === '' ? key : `${place}.${key}`,
      };
    });
  }
}

function valueTypeOf(type: GraphQLOutputType): ValueType {
  const isRequired = isNonNullType(type);
  const nullable: GraphQLOutputType = isRequired ? type.ofType : type;
  const named = getNamedType(type);
  return {
    type: nullable,
    isRequired,
    member: isListType(nullable) ? valueTypeOf(nullable.ofType) : null,
    check: isLeafType(named) ? leafRule(named).check : null,
    composite: isCompositeType(named) ? named : null,
  };
}
