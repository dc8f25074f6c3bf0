import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { GatewayContext } from '../execution/context.ts';

/** Refuses over HTTP what is valid but not to be executed there, before an executor answers it in words of its own. */
export const operationPlugin: ApolloServerPlugin<GatewayContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, request }) => {
      if (!operation) throw refused('BAD_USER_INPUT', unknownOperation(request.operationName));
      if (operation.operation === 'subscription') {
        throw refused('OPERATION_NOT_ALLOWED', 'Subscriptions go over a WebSocket at this path, with the protocol graphql-transport-ws.');
      }
    },
  }),
};

function unknownOperation(name: string | undefined | null): string {
  if (name) return 'The document has no operation of the name in operationName.';
  return 'The document has several operations: name one of them in operationName.';
}

function refused(code: 'BAD_USER_INPUT' | 'OPERATION_NOT_ALLOWED', message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
}
