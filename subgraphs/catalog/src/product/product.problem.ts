import { Problem } from '@tessera/service-kit/graphql';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { PublishObstacle } from './product.ts';

const PublishObstacleEnum = { NO_VARIANT: 'NO_VARIANT', NO_PRICE: 'NO_PRICE', NO_CATEGORY: 'NO_CATEGORY' } as const satisfies Record<
  PublishObstacle,
  PublishObstacle
>;
registerEnumType(PublishObstacleEnum, {
  name: 'PublishObstacle',
  description: 'What a product lacks before customers may see it.',
  valuesConfig: {
    NO_VARIANT: { description: 'It has no variant.' },
    NO_PRICE: { description: 'None of its variants has a price.' },
    NO_CATEGORY: { description: 'It is in no category.' },
  },
});

@ObjectType({ implements: Problem, description: 'There is no such product, or it is not yours: both answer alike.' })
export class ProductNotFound extends Problem {
  readonly __typename = 'ProductNotFound';
  readonly code = 'PRODUCT_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such product.';
  override readonly path: string[] = ['input', 'productId'];
}

@ObjectType({ implements: Problem, description: 'A published product must have a category, a variant and a price.' })
export class ProductNotPublishable extends Problem {
  readonly __typename = 'ProductNotPublishable';
  readonly code = 'PRODUCT_NOT_PUBLISHABLE';
  readonly isRetryable = false;
  readonly message = 'A published product must have a category, a variant and a price: add what is missing, or archive it.';
  @Field(() => [PublishObstacleEnum], { description: 'Everything that is missing.' }) readonly reasons: PublishObstacle[];
  constructor(reasons: PublishObstacle[]) {
    super();
    this.reasons = reasons;
  }
}

@ObjectType({ implements: Problem, description: 'Somebody changed the product since you read it: read it again and decide anew.' })
export class VersionConflict extends Problem {
  readonly __typename = 'VersionConflict';
  readonly code = 'VERSION_CONFLICT';
  readonly isRetryable = false;
  readonly message = 'Somebody changed the product since you read it: read it again and decide anew.';
  override readonly path: string[] = ['input', 'expectedVersion'];
  @Field(() => Int, { description: 'The version that is stored now.' }) readonly currentVersion: number;
  constructor(currentVersion: number) {
    super();
    this.currentVersion = currentVersion;
  }
}
