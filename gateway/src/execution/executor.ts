import type { ApolloGateway } from '@apollo/gateway';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';

/** An operation that was parsed, validated and admitted, with variables in which there is no mistake. */
export interface ExecutorRequest {
  readonly document: DocumentNode;
  /** The one of the document that is to be carried out. */
  readonly operation: OperationDefinitionNode;
  readonly queryHash: string;
  readonly request: {
    readonly operationName?: string | undefined;
    readonly variables?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly context: unknown;
}

export type ExecutorResult = Awaited<ReturnType<ApolloGateway['executor']>>;
export type Executor = (request: ExecutorRequest) => Promise<ExecutorResult>;
