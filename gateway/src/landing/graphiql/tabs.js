const pretty = (variables) => JSON.stringify(variables, null, 2);
const MINUTE_MS = 60_000;
const inAMinute = () => new Date(Date.now() + MINUTE_MS).toISOString();
const HOME = { name: 'Bea Buyer', line1: '1 Market Street', city: 'Springfield', postalCode: '12345', country: 'US' };

/** Run from left to right they tell a story; ids in the variables come from the answers before. */
export const TABS = [
  {
    query: `# 1. Log in. The token is kept for the other tabs.
mutation LogIn($input: SessionOpenInput!) {
  sessionOpen(input: $input) {
    __typename
    ... on SessionOpened { accessToken expiresAt refreshToken user { id handle } }
    ... on Problem { code message }
  }
}`,
    variables: pretty({ input: { email: 'buyer@tessera.example', password: 'correct-horse-tessera' } }),
  },
  {
    query: `# 2. Browse: what is for sale, and your wallet.
query Browse {
  me { id handle wallets { id currency balance { decimal } available { decimal } } }
  products(first: 5) {
    edges {
      node {
        id title kind
        variants { id title price(currency: "USD") { decimal } availability { isInStock } }
      }
    }
  }
}`,
  },
  {
    query: `# 3. Put it into the cart. "last var_" is the first variant of the answer before.
mutation AddToCart($input: CartLineAddInput!) {
  cartLineAdd(input: $input) {
    __typename
    ... on CartChanged { cart { id lines { quantity title variant { id } } } }
    ... on Problem { code message }
  }
}`,
    variables: pretty({ input: { variantId: 'last var_', quantity: 1, currency: 'USD' } }),
  },
  {
    query: `# 4. Pay from the wallet: run QuoteCart first, then PayFromWallet.
mutation PayFromWallet($buy: CheckoutCompleteInput!) {
  checkoutComplete(input: $buy) {
    __typename
    ... on CheckoutCompleted { order { id number state total { decimal } payments { state } } }
    ... on Problem { code message }
  }
}

mutation QuoteCart($quote: CheckoutQuoteInput!) {
  checkoutQuote(input: $quote) {
    __typename
    ... on CheckoutQuoted { quote { id total { decimal currency } expiresAt } }
    ... on Problem { code message }
  }
}`,
    variables: pretty({
      quote: { cartId: 'last crt_', currency: 'USD' },
      buy: {
        cartId: 'last crt_',
        quoteId: 'last quo_',
        tender: 'WALLET',
        walletId: 'last wal_',
        shippingAddress: HOME,
      },
    }),
  },
  {
    query: `# 5. Pay by card: fill the cart again (3), run QuoteCart, then PayByCard, and open clientAction.url in a new window.
# You come back to a page that shows the order live.
mutation PayByCard($buy: CheckoutCompleteInput!) {
  checkoutComplete(input: $buy) {
    __typename
    ... on CheckoutCompleted { order { id number state total { decimal } payments { id state clientAction { kind url } } } }
    ... on Problem { code message }
  }
}

mutation QuoteCart($quote: CheckoutQuoteInput!) {
  checkoutQuote(input: $quote) {
    __typename
    ... on CheckoutQuoted { quote { id total { decimal currency } expiresAt } }
    ... on Problem { code message }
  }
}

# Where clientAction was not there yet.
query PayAtPage {
  orders(first: 1) { edges { node { number state payments { id state clientAction { kind url } } } } }
}`,
    variables: pretty({
      quote: { cartId: 'last crt_', currency: 'USD' },
      buy: { cartId: 'last crt_', quoteId: 'last quo_', tender: 'CARD', shippingAddress: HOME },
    }),
  },
  {
    query: `# 6. Top up by card: open clientAction.url. You come back to a page that shows your wallets live.
mutation TopUp($input: TopUpCreateInput!) {
  topUpCreate(input: $input) {
    __typename
    ... on TopUpCreated { topUp { id state amount { decimal } clientAction { url } } }
    ... on Problem { code message }
  }
}`,
    variables: pretty({ input: { walletId: 'last wal_', amount: { currency: 'USD', minor: '2500' } } }),
  },
  {
    query: `# 7. Send money to a friend.
mutation SendMoney($input: TransferCreateInput!) {
  transferCreate(input: $input) {
    __typename
    ... on TransferCreated { transfer { id amount { decimal currency } state } }
    ... on InsufficientFunds { available { decimal } }
    ... on Problem { code message }
  }
}`,
    variables: pretty({
      input: {
        fromWalletId: 'last wal_',
        to: { email: 'friend@tessera.example' },
        amount: { currency: 'USD', minor: '500' },
        note: 'Thank you',
      },
    }),
  },
  {
    query: `# 8. Your orders, live: leave it running and buy something in another window.
subscription MyOrders {
  orderUpdated {
    kind occurredAt cursor
    order { number state lines { title variant { product { title } } } payments { state } ledgerTransfers { amount { minor } } }
  }
}`,
  },
  {
    query: `# 9. Your balance, live.
subscription MyBalance {
  balanceUpdated {
    kind occurredAt cursor
    balance { decimal currency } available { decimal }
    transfer { id amount { decimal } note }
  }
}`,
  },
  {
    query: `# 10. Give money back: run LogInAsAdmin, then Refund. It goes the way it came, to the card.
mutation Refund($input: RefundCreateInput!) {
  refundCreate(input: $input) {
    __typename
    ... on RefundCreated { refund { id state amount { decimal } } }
    ... on RefundExceedsCaptured { refundable { decimal } }
    ... on Problem { code message }
  }
}

mutation LogInAsAdmin($admin: SessionOpenInput!) {
  sessionOpen(input: $admin) {
    __typename
    ... on SessionOpened { accessToken expiresAt refreshToken user { id handle } }
    ... on Problem { code message }
  }
}`,
    variables: pretty({
      admin: { email: 'admin@tessera.example', password: 'correct-horse-tessera' },
      input: {
        paymentId: 'last pay_',
        amount: { currency: 'USD', minor: '500' },
        destination: 'ORIGINAL',
        reason: 'A scratch on the box',
      },
    }),
  },
  {
    query: `# 11. Pocket money: the first run comes in a minute, the others every month. MySchedules shows what came of them.
mutation Schedule($input: TransferScheduleInput!) {
  transferSchedule(input: $input) {
    __typename
    ... on TransferScheduled { schedule { id cadence nextRunAt recipient amount { decimal currency } } }
    ... on Problem { code message }
  }
}

query MySchedules {
  me {
    wallets {
      id
      schedules(first: 5) {
        edges { node { id state nextRunAt runs(first: 5) { edges { node { number ranAt refusal transfer { id } } } } } }
      }
    }
  }
}

mutation Cancel($cancel: TransferScheduleCancelInput!) {
  transferScheduleCancel(input: $cancel) {
    __typename
    ... on TransferScheduleCancelled { schedule { id state } }
    ... on Problem { code message }
  }
}`,
    variables: pretty({
      input: {
        fromWalletId: 'last wal_',
        to: { email: 'friend@tessera.example' },
        amount: { currency: 'USD', minor: '250' },
        startsAt: inAMinute(),
        repeat: { every: 'MONTHLY', timeZone: 'UTC' },
      },
      cancel: { scheduleId: 'last sch_' },
    }),
  },
  {
    query: `# 12. Correct the books: log in as an administrator (10), then Propose. Another administrator has to approve it.
mutation Propose($input: AdjustmentProposeInput!) {
  adjustmentPropose(input: $input) {
    __typename
    ... on AdjustmentProposed { adjustment { id state expiresAt } }
    ... on Problem { code message path }
  }
}

mutation Approve($approve: AdjustmentApproveInput!) {
  adjustmentApprove(input: $approve) {
    __typename
    ... on AdjustmentApproved { adjustment { id state transfer { id } } }
    ... on Problem { code message }
  }
}

query Adjustments {
  adjustments(first: 10) {
    edges { node { id state reason amount { decimal currency } proposedBy { displayName } decidedBy { displayName } } }
  }
}`,
    variables: pretty({
      input: {
        debitAccountId: 'system:expenses:USD',
        creditAccountId: 'last wal_',
        amount: { currency: 'USD', minor: '500' },
        reason: 'A parcel was lost',
      },
      approve: { adjustmentId: 'last adj_' },
    }),
  },
];
