import type { ApolloGateway } from '@apollo/gateway';

/** Answers an operation that was parsed, validated and admitted. The seam behind which the stock executor works today. */
export type Executor = ApolloGateway['executor'];
export type ExecutorRequest = Parameters<Executor>[0];
export type ExecutorResult = Awaited<ReturnType<Executor>>;
