import 'reflect-metadata';
import { Migration } from '@mikro-orm/migrations';
import { Arg, Ctx, Directive, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { Authenticated, Public, RequiresScopes } from '../../access/index.ts';
import { invalidField, type Loader, mutationResult, Problem, type RequestContext, type UseCaseContext } from '../../graphql/index.ts';
import { rawSql } from '../../persistence/index.ts';
import { defineSubgraph, type SubgraphConfig } from '../index.ts';

/** A subgraph with one number per user: small, but with every part that a real one has. */

export interface CounterServices {
  /** Called inside the use case, to hold it or to make it fail. */
  onAdd: () => Promise<void>;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A number that belongs to a user.' })
class Counter {
  @Field(() => ID, { description: 'The owner.' }) id!: string;
  @Field(() => Int, { description: 'Where it stands.' }) value!: number;
}

@InputType({ description: 'What to add.' })
class CounterAddInput {
  @Field(() => Int, { description: 'From 1 to 100.' }) amount!: number;
  @Field(() => String, { nullable: true, description: 'Why.' }) note?: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'It was added.' })
class CounterAdded {
  readonly __typename = 'CounterAdded';
  constructor(
    readonly counterId: string,
    readonly amountMinor: bigint,
  ) {}
  @Field(() => Counter, { description: 'As it stands now.' }) readonly counter!: Counter;
}

@ObjectType({ implements: Problem, description: 'The counter is at its limit.' })
class CounterFull extends Problem {
  readonly __typename = 'CounterFull';
  readonly code = 'LIMIT_EXCEEDED';
  readonly message = 'The counter is at its limit.';
  readonly isRetryable = false;
}

const CounterAddResult = mutationResult('CounterAddResult', CounterAdded, CounterFull);
const LIMIT = 50;

async function counterAdd(input: CounterAddInput, { em, viewer, services, publish }: UseCaseContext<CounterServices>) {
  if (input.amount < 1 || input.amount > 100) return invalidField('amount', 'out_of_range', 'Add 1 to 100.');
  const id = viewer.userId ?? '';
  await rawSql(em, 'insert into counters (id, value) values ($1, 0) on conflict do nothing', [id]);
  const [row] = await rawSql<{ value: number }>(em, 'select value from counters where id = $1 for update', [id]);
  await services.onAdd();
  if ((row?.value ?? 0) + input.amount > LIMIT) return new CounterFull();
  await rawSql(em, 'update counters set value = value + $2 where id = $1', [id, input.amount]);
  publish({ type: 'EmailVerified', aggregateId: id, payload: { userId: id } });
  return new CounterAdded(id, BigInt(input.amount));
}

const counterById: Loader<Counter> = {
  name: 'counterById',
  batch: async (ids, { em }) => {
    const rows = await rawSql<{ id: string; value: number }>(em, 'select id, value from counters where id = any($1)', [ids]);
    return new Map(rows.map((row) => [row.id, row]));
  },
};

@Resolver(() => Counter)
class CounterResolver {
  @Authenticated()
  @Query(() => Counter, { nullable: true, description: 'The own counter.' })
  counter(@Ctx() { load, viewer }: RequestContext) {
    return load(counterById, viewer.userId ?? '');
  }

  @Public()
  @Query(() => String, { description: 'The text again.' })
  echo(@Arg('text', () => String, { description: 'Any text.' }) text: string) {
    return text;
  }

  @RequiresScopes([['audit:read']])
  @Query(() => Int, { description: 'How many counters there are.' })
  async counters(@Ctx() { em }: RequestContext) {
    const [row] = await rawSql<{ count: string }>(em, 'select count(*) from counters');
    return Number(row?.count);
  }

  @Public()
  @Query(() => Int, { description: 'Fails.' })
  broken(): number {
    throw new Error('password=hunter2');
  }

  @Authenticated()
  @Mutation(() => CounterAddResult, { description: 'Adds to the own counter.' })
  counterAdd(
    @Arg('input', () => CounterAddInput, { description: 'What to add.' }) input: CounterAddInput,
    @Ctx() context: RequestContext<CounterServices>,
  ) {
    return context.mutate(counterAdd, input);
  }
}

@Resolver(() => CounterAdded)
class CounterAddedResolver {
  @FieldResolver(() => Counter)
  counter(@Root() { counterId }: CounterAdded, @Ctx() { load }: RequestContext) {
    return load(counterById, counterId);
  }
}

class CreateCounters extends Migration {
  override up(): void {
    this.addSql('create table counters (id text primary key, value integer not null)');
  }
}

export function createCounterSubgraph(config: SubgraphConfig) {
  return defineSubgraph<CounterServices>({
    name: 'users',
    config,
    services: () => ({ onAdd: async () => undefined }),
    resolvers: [CounterResolver, CounterAddedResolver],
    references: { Counter: ({ id }, context) => (context.viewer.userId === id ? context.load(counterById, id) : null) },
    entities: [],
    migrations: [{ name: 'counters-0001', class: CreateCounters }],
  });
}
