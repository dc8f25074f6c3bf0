import type { ApolloServerPlugin } from '@apollo/server';
import type { GatewayContext } from '../execution/context.ts';

const OK = 200;
const GRAPHQL_RESPONSE = 'application/graphql-response+json';
/**
 * GraphQL over HTTP to the letter: to a client that takes `application/json` only, a document or variables with mistakes are answered with 200,
 * because a 4xx of that type could come from anybody on the way. Apollo Server answers 400 to everybody.
 */
export const strictPlugin: ApolloServerPlugin<GatewayContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response, document, source }) => {
      const { errors = [] } = response.body.kind === 'single' ? response.body.singleResult : {};
      const wantsStatus = request.http?.headers.get('accept')?.includes(GRAPHQL_RESPONSE) ?? false;
      const isAboutGraphql =
        source !== undefined && errors.length > 0 && errors.every(({ extensions }) => extensions?.code === 'BAD_USER_INPUT');
      const isRefused = document !== undefined && response.http.headers.has('allow');
      if (!wantsStatus && isAboutGraphql && !isRefused) response.http.status = OK;
    },
  }),
};
