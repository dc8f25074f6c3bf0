import { Cursor } from '@tessera/service-kit/graphql';
import { connectionTypes } from '@tessera/service-kit/pagination';
import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import { Product } from '../product/product.type.ts';
import { ProductWhere } from '../product/product-where.type.ts';

export const ProductSearchConnection = connectionTypes('ProductSearch', () => Product);

@ArgsType()
export class ProductSearchArgs {
  @Field(() => String, { description: 'What to look for, at most 200 characters: every word must occur, or start a word that does.' })
  text!: string;
  @Field(() => ProductWhere, { nullable: true, description: 'Which products may be found; published ones in any case.' })
  where?: ProductWhere;
  @Field(() => Int, { nullable: true, description: 'How many, 1 to 100; 20 when left out.' }) first?: number;
  @Field(() => Cursor, { nullable: true, description: 'Continue after this cursor.' }) after?: string;
}

@ObjectType({ description: 'What the visitor may be about to type.' })
export class ProductSuggestion {
  @Field(() => String, { description: 'The text to search for.' }) text!: string;
  @Field(() => Product, { description: 'A product that it finds.' }) product!: Product;
}
