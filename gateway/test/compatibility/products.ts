import 'reflect-metadata';
import { Public } from '@tessera/service-kit/access';
import { defineSubgraph, type SubgraphConfig } from '@tessera/service-kit/subgraph';
import { Arg, Directive, Field, Float, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';

/*
 * The `products` subgraph that the public compatibility suite of Apollo Federation (apollographql/apollo-federation-subgraph-compatibility) asks
 * for, made with our kit: every feature of the specification in one small graph.
 */

const HEADER = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@composeDirective", "@extends", "@external", "@inaccessible", "@interfaceObject", "@key", "@override", "@provides", "@requires", "@shareable", "@tag"])
  @link(url: "https://myspecs.dev/myCustomDirective/v1.0", import: ["@custom"])
  @composeDirective(name: "@custom")
directive @custom on OBJECT
`;

@Directive('@shareable')
@ObjectType()
class ProductDimension {
  @Field(() => String, { nullable: true }) size!: string;
  @Field(() => Float, { nullable: true }) weight!: number;
  @Directive('@inaccessible')
  @Field(() => String, { nullable: true })
  unit!: string;
}

@ObjectType()
class ProductVariation {
  @Field(() => ID) id!: string;
}

@ObjectType()
class CaseStudy {
  @Field(() => ID) caseNumber!: string;
  @Field(() => String, { nullable: true }) description!: string;
}

@Directive('@key(fields: "study { caseNumber }")')
@ObjectType()
class ProductResearch {
  @Field(() => CaseStudy) study!: CaseStudy;
  @Field(() => String, { nullable: true }) outcome!: string | null;
}

@Directive('@extends')
@Directive('@key(fields: "email")')
@ObjectType()
class User {
  @Directive('@external')
  @Field(() => ID)
  email!: string;
  @Directive('@override(from: "users")')
  @Field(() => String, { nullable: true })
  name!: string;
  @Directive('@external')
  @Field(() => Int, { nullable: true })
  totalProductsCreated!: number;
  @Directive('@external')
  @Field(() => Int)
  yearsOfEmployment!: number;

  @Directive('@requires(fields: "totalProductsCreated yearsOfEmployment")')
  @Field(() => Int, { nullable: true })
  averageProductsCreatedPerYear?: number | null;
}

@Directive('@custom')
@Directive('@key(fields: "id")')
@Directive('@key(fields: "sku package")')
@Directive('@key(fields: "sku variation { id }")')
@ObjectType()
class Product {
  @Field(() => ID) id!: string;
  @Field(() => String, { nullable: true }) sku!: string;
  @Field(() => String, { nullable: true }) package!: string;
  @Field(() => ProductVariation, { nullable: true }) variation!: ProductVariation;
  @Field(() => ProductDimension, { nullable: true }) dimensions!: ProductDimension;
  @Directive('@provides(fields: "totalProductsCreated")')
  @Field(() => User, { nullable: true })
  createdBy!: User;
  @Directive('@tag(name: "internal")')
  @Field(() => String, { nullable: true })
  notes!: string | null;
  @Field(() => [ProductResearch]) research!: ProductResearch[];
}

@Directive('@key(fields: "sku package")')
@ObjectType()
class DeprecatedProduct {
  @Field(() => String) sku!: string;
  @Field(() => String) package!: string;
  @Field(() => String, { nullable: true }) reason!: string;
  @Field(() => User, { nullable: true }) createdBy!: User;
}

@Directive('@interfaceObject')
@Directive('@key(fields: "id")')
@ObjectType()
class Inventory {
  @Field(() => ID) id!: string;
  @Field(() => [DeprecatedProduct]) deprecatedProducts!: DeprecatedProduct[];
}

const dimensions = { size: 'small', weight: 1, unit: 'kg' };
const jane = { email: 'support@apollographql.com', name: 'Jane Smith', totalProductsCreated: 1_337, yearsOfEmployment: 10 };
const research = [
  { study: { caseNumber: '1234', description: 'Federation Study' }, outcome: null },
  { study: { caseNumber: '1235', description: 'Studio Study' }, outcome: null },
];
const deprecated = { sku: 'apollo-federation-v1', package: '@apollo/federation-v1', reason: 'Migrate to Federation V2', createdBy: jane };
const products = [
  { id: 'apollo-federation', sku: 'federation', package: '@apollo/federation', variation: { id: 'OSS' }, research: research.slice(0, 1) },
  { id: 'apollo-studio', sku: 'studio', package: '', variation: { id: 'platform' }, research: research.slice(1) },
].map((each) => ({ ...each, dimensions, createdBy: jane, notes: null }));

@Resolver()
class ProductsResolver {
  @Public()
  @Query(() => Product, { nullable: true })
  product(@Arg('id', () => ID) id: string) {
    return products.find((each) => each.id === id) ?? null;
  }

  @Public()
  @Query(() => DeprecatedProduct, { nullable: true, deprecationReason: 'Use product query instead' })
  deprecatedProduct(@Arg('sku', () => String) sku: string, @Arg('package', () => String) packageName: string) {
    return deprecated.sku === sku && deprecated.package === packageName ? deprecated : null;
  }
}

type Reference = Readonly<Record<string, unknown>>;

function userOf({ email, totalProductsCreated, yearsOfEmployment }: Reference): object | null {
  if (email !== jane.email) return null;
  const [total, years] = [Number(totalProductsCreated ?? Number.NaN), Number(yearsOfEmployment ?? Number.NaN)];
  return { ...jane, averageProductsCreatedPerYear: Number.isNaN(total / years) ? null : Math.round(total / years) };
}

function productOf({ id, sku, package: name, variation }: Reference): object | null {
  const variationId = (variation as Reference | undefined)?.id;
  return (
    products.find((each) => each.id === id || (each.sku === sku && (each.package === name || each.variation.id === variationId))) ?? null
  );
}

export function createProducts(config: SubgraphConfig) {
  return defineSubgraph({
    name: 'catalog', // one of the names that a stack knows
    config,
    services: () => ({}),
    resolvers: [ProductsResolver],
    orphanedTypes: [Inventory],
    references: {
      Product: { keys: ['id', 'sku package', 'sku variation { id }'], resolve: productOf },
      DeprecatedProduct: {
        keys: ['sku package'],
        resolve: ({ sku, package: name }) => (sku === deprecated.sku && name === deprecated.package ? deprecated : null),
      },
      ProductResearch: {
        keys: ['study { caseNumber }'],
        resolve: ({ study }) => research.find((each) => each.study.caseNumber === (study as Reference).caseNumber) ?? null,
      },
      User: { keys: ['email'], resolve: userOf },
      Inventory: ({ id }) => (id === 'apollo-oss' ? { id, deprecatedProducts: [deprecated] } : null),
    },
    sdlHeader: HEADER,
    entities: [],
    migrations: [],
  });
}
