import { createUnionType } from 'type-graphql';
import { IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, RateLimited } from './problems.ts';

type OutcomeClass = abstract new (...args: never[]) => { readonly __typename: string };

/** The result union of a mutation: its own outcomes and the four that every mutation may answer. */
export function mutationResult(name: string, ...outcomes: readonly OutcomeClass[]) {
  return createUnionType({
    name,
    types: () => [...outcomes, IdempotencyKeyReused, IdempotencyInProgress, InvalidInput, RateLimited] as never, // type-graphql wants concrete constructors
    resolveType: (value: { __typename: string }) => value.__typename,
  });
}

/** The result union of a mutation that is naturally repeatable (log in, refresh, log out) and takes no idempotency key. */
export function repeatableResult(name: string, ...outcomes: readonly OutcomeClass[]) {
  return createUnionType({
    name,
    types: () => [...outcomes, InvalidInput, RateLimited] as never, // type-graphql wants concrete constructors
    resolveType: (value: { __typename: string }) => value.__typename,
  });
}
