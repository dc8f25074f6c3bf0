import { describe, expect, it } from '@jest/globals';
import {
  type GraphQLNamedType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import type { Subgraph } from '../subgraph/index.ts';

const SHARED_OUTCOMES = ['InvalidInput', 'RateLimited'];
const KEYED_OUTCOMES = ['IdempotencyKeyReused', 'IdempotencyInProgress'];
/** Lists that cannot grow with the data are named by the subgraph. */
export interface ContractExceptions {
  /** Mutations that are naturally repeatable and take no key. */
  readonly repeatable?: readonly string[];
  /** `Type.field` of root or entity fields that answer a plain list because it is bounded. */
  readonly boundedLists?: readonly string[];
  /** Types that another subgraph owns and describes. */
  readonly foreignTypes?: readonly string[];
}

/** What every subgraph owes the graph, whatever it is about. Called once at the top level of its contract test. */
export function describeSubgraphContract(create: () => Subgraph, exceptions: ContractExceptions = {}): void {
  const subgraph = create();
  const { schema } = subgraph;
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
  const own = Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('_') && !type.name.includes('__') && !isForeign(type, exceptions),
  );

  describe(`the contract of ${subgraph.name}`, () => {
    it('MUST declare an access rule for every root field', () => {
      expect([...subgraph.access].filter(([, rule]) => !rule).map(([field]) => field)).toEqual([]);
    });

    it('MUST emit the same SDL when it is built again in the same process', () => {
      expect(create().sdl).toBe(subgraph.sdl);
    });

    it.each(mutations.map((field) => [field.name, field] as const))(
      '%s takes one input and answers a union with the common problems',
      (name, field) => {
        expect(field.args.map((arg) => String(arg.type))).toEqual([expect.stringMatching(/Input!$/)]);
        const result = getNamedType(field.type);
        const members = isUnionType(result) ? result.getTypes().map((type) => type.name) : [];
        const isRepeatable = exceptions.repeatable?.includes(name) ?? false;
        expect(members).toEqual(expect.arrayContaining(isRepeatable ? SHARED_OUTCOMES : [...SHARED_OUTCOMES, ...KEYED_OUTCOMES]));
        const input = getNamedType(field.args[0]?.type ?? null);
        const hasKey = isInputObjectType(input) && 'idempotencyKey' in input.getFields();
        expect(hasKey).toBe(!isRepeatable);
      },
    );

    it('describes every type, field, argument and enum for client developers', () => {
      expect(own.flatMap(undescribed)).toEqual([]);
    });

    it('answers lists as connections unless they are bounded', () => {
      const lists = own.flatMap((type) =>
        isObjectType(type)
          ? Object.values(type.getFields())
              .filter(
                (field) => isListType(isNonNullType(field.type) ? field.type.ofType : field.type) && isObjectType(getNamedType(field.type)),
              )
              .map((field) => `${type.name}.${field.name}`)
          : [],
      );
      const unbounded = lists.filter(
        (path) => !/Connection\.edges$|\.issues$|^Query\._/.test(path) && !exceptions.boundedLists?.includes(path),
      );
      expect(unbounded).toEqual([]);
    });
  });
}

function isForeign(type: GraphQLNamedType, { foreignTypes = [] }: ContractExceptions): boolean {
  return foreignTypes.includes(type.name);
}

function undescribed(type: GraphQLNamedType): string[] {
  const isRoot = ['Query', 'Mutation'].includes(type.name);
  const self =
    type.description || isRoot || isUnionType(type) || ['String', 'Int', 'Float', 'Boolean', 'ID'].includes(type.name) ? [] : [type.name];
  if (isEnumType(type)) return self;
  if (!isObjectType(type) && !isInputObjectType(type)) return self;
  const fields = Object.values(type.getFields()).filter((field) => !field.name.startsWith('_'));
  return [...self, ...fields.flatMap((field) => (field.description ? [] : [`${type.name}.${field.name}`]))];
}
