/*
 * What the gateway's own pages ask. `npm run operations` writes them into a manifest; a test holds them against the schema and its limits.
 */

const MONEY = '{ decimal currency }';
const ORDER = `id number state placedAt expiresAt total ${MONEY} refunded ${MONEY}
  lines { title quantity total ${MONEY} }
  payments { id tender state failureReason amount ${MONEY} refunded ${MONEY} clientAction { kind url } attempts { lastDecline } }
  history { at kind note }
  timeline { name state attempts isCompensation amount ${MONEY} note }
  ledgerTransfers { id code state amount ${MONEY} createdAt }`;
const WALLET = `id balance ${MONEY} available ${MONEY}`;
const METHOD = 'id state brand last4 expiresMonth expiresYear';
const MOVEMENT = `id code createdAt amount ${MONEY} payment { id }`;

/** What the page after a payment asks. */
export const PAY_RETURN_DOCUMENTS = {
  order: `query PaidOrder($orderId: ID!) { order(id: $orderId) { ${ORDER} } }`,
  orderLive: `subscription PaidOrderLive($orderId: ID!, $after: Cursor) { orderUpdated(orderId: $orderId, after: $after) { cursor kind occurredAt order { ${ORDER} } } }`,
  methods: `query SavedCards { me { paymentMethods { ${METHOD} } } }`,
  wallets: `query ToppedUpWallets { me { wallets { ${WALLET} transfers(first: 5) { edges { node { ${MOVEMENT} } } } } } }`,
  walletsLive: `subscription ToppedUpWalletsLive($after: Cursor) { balanceUpdated(after: $after) { cursor kind wallet { ${WALLET} } transfer { ${MOVEMENT} } } }`,
} as const;

/** What every page of ours with a session asks. */
export const SESSION_DOCUMENTS = {
  logIn:
    'mutation LogIn($input: SessionOpenInput!) { sessionOpen(input: $input) { __typename ... on SessionOpened { accessToken expiresAt refreshToken } ... on Problem { code message } } }',
  refresh:
    'mutation Refresh($input: SessionRefreshInput!) { sessionRefresh(input: $input) { ... on SessionRefreshed { accessToken expiresAt refreshToken } } }',
} as const;

export const LANDING_DOCUMENTS: readonly string[] = [...Object.values(PAY_RETURN_DOCUMENTS), ...Object.values(SESSION_DOCUMENTS)];
