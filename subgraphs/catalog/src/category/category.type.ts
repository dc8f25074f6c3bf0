import { mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Directive, Field, ID, InputType, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A shelf of the shop; categories form a tree of two levels.' })
export class Category {
  @Field(() => ID, { description: 'Opaque and stable.' }) id!: string;
  @Field(() => String, { description: 'The name in a URL: unique among categories.' }) slug!: string;
  @Field(() => String, { description: 'The name to show.' }) name!: string;
  @Field(() => String, { nullable: true, description: 'What belongs here, as plain text.' }) description!: string | null;
}

@InputType({ description: 'A category to create, or to change when categoryId is given.' })
export class CategorySaveInput {
  @Field(() => ID, { nullable: true, description: 'The category to change; leave out to create one.' }) categoryId?: string | null;
  @Field(() => String, { description: 'The name to show, 1 to 100 characters.' }) name!: string;
  @Field(() => String, { nullable: true, description: 'The name in a URL; made from the name, or kept, when left out.' }) slug?:
    | string
    | null;
  @Field(() => String, { nullable: true, description: 'At most 2,000 characters of plain text.' }) description?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'The category of the top level that this one belongs to; null or left out puts it on the top level.',
  })
  parentId?: string | null;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

/** Outcomes hold ids and facts only: they are stored under the idempotency key and resolved again for each caller. */
@ObjectType({ description: 'The category is saved.' })
export class CategorySaved {
  readonly __typename = 'CategorySaved';
  constructor(readonly categoryId: string) {}
}

@ObjectType({ implements: Problem, description: 'There is no such category; `path` names the input field.' })
export class CategoryNotFound extends Problem {
  readonly __typename = 'CategoryNotFound';
  readonly code = 'CATEGORY_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such category.';
  override readonly path: string[];
  constructor(field: string) {
    super();
    this.path = ['input', field];
  }
}

@ObjectType({ implements: Problem, description: 'Another one has this slug.' })
export class SlugTaken extends Problem {
  readonly __typename = 'SlugTaken';
  readonly code = 'SLUG_TAKEN';
  readonly isRetryable = false;
  readonly message = 'Another one has this slug: take the suggestion, or leave the slug out.';
  override readonly path: string[] = ['input', 'slug'];
  @Field(() => String, { description: 'A similar slug that was free a moment ago.' }) readonly suggestion: string;
  constructor(suggestion: string) {
    super();
    this.suggestion = suggestion;
  }
}

export const CategorySaveResult = mutationResult('CategorySaveResult', CategorySaved, CategoryNotFound, SlugTaken);
