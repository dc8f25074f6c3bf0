/** Ways in that are not GraphQL, by the subgraph in another process that answers them. In one process the subgraphs say so themselves. */
export const PASSED_PATHS: Readonly<Record<string, readonly string[]>> = {
  users: ['/.well-known/jwks.json'],
  catalog: ['/files/*'],
  payments: ['/webhooks/stripe', '/webhooks/paypal'],
  ledger: ['/statements/*'],
};
