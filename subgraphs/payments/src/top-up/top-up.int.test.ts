import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { CARDS, type CardsBed, openCards } from '../../test/cards-bed.ts';
import { openPayments, postingRefused } from '../../test/payments-bed.ts';

const TOP_UP =
  'mutation($input: TopUpCreateInput!) { topUpCreate(input: $input) { __typename ... on TopUpCreated { topUp { id state amount { minor } wallet { id } clientAction { kind url } } } ... on AmountNotChargeable { minimum { decimal } maximum { minor } message path } ... on Problem { code } } }';
const MINE =
  'query($user: ID!) { _entities(representations: [{ __typename: "User", id: $user }]) { ... on User { topUps(first: 5) { edges { node { id state failureReason } } } } } }';

interface Created {
  readonly topUpCreate: {
    readonly __typename: string;
    readonly topUp: { readonly id: string; readonly clientAction: { readonly url: string } | null };
  };
}

describe('topping a wallet up by card', () => {
  let bed: CardsBed;
  beforeAll(async () => {
    bed = await openCards();
  });
  afterAll(() => bed.close());

  const topUp = async (minor = '2500', currency = 'USD') => {
    const { ownerId, walletId } = await bed.aWallet(newId('user'), currency);
    const input = { walletId, amount: { currency, minor } };
    const { topUpCreate } = await bed.data<Created>(actAs.user(ownerId), TOP_UP, { input });
    return { ownerId, walletId, answer: topUpCreate, paymentId: topUpCreate.topUp?.id };
  };

  it('sends its owner to a page, and posts the money to the wallet once it is paid', async () => {
    const { ownerId, walletId, answer, paymentId } = await topUp();
    expect(answer).toMatchObject({
      __typename: 'TopUpCreated',
      topUp: {
        amount: { minor: '2500' },
        wallet: { id: walletId },
        clientAction: { kind: 'HOSTED_PAGE', url: expect.stringContaining('/c/pay/') },
      },
    });
    await bed.pay({ paymentId });
    await bed.until({ paymentId }, 'CAPTURED');
    const amount = { currency: 'USD', minor: '2500' };
    expect((await bed.commands({ paymentId })).find(({ fact_key }) => fact_key.endsWith(':succeeded'))?.payload).toMatchObject({
      legs: [{ debit: 'system:clearing.stripe:USD', credit: walletId, amount, code: 'TOP_UP' }],
      orderId: null,
    });
    expect(await bed.published('TopUpCaptured', { paymentId })).toEqual([{ paymentId, customerId: ownerId, walletId, amount }]);
    expect(await bed.published('PaymentCaptured', { paymentId })).toEqual([]);
    const { _entities } = await bed.data<{ _entities: unknown[] }>(actAs.user(ownerId), MINE, { user: ownerId });
    expect(_entities).toEqual([{ topUps: { edges: [{ node: { id: paymentId, state: 'CAPTURED', failureReason: null } }] } }]);
  });

  it("shows nobody else's", async () => {
    const { ownerId } = await topUp();
    const { _entities } = await bed.data<{ _entities: unknown[] }>(actAs.user(), MINE, { user: ownerId });
    expect(_entities).toEqual([{ topUps: null }]);
  });

  it.each([
    ['too little', '49', 'USD', { minimum: { decimal: '0.50' } }],
    ['too few yen', '49', 'JPY', { minimum: { decimal: '50' } }],
    ['too much', '100000000', 'USD', { maximum: { minor: '99999999' } }],
    ['no step', '12345', 'KWD', { message: 'Cards are charged in steps of 0.010 KWD.' }],
  ])('refuses %s with what would do', async (_what, minor, currency, expected) => {
    expect((await topUp(minor, currency)).answer).toMatchObject({
      __typename: 'AmountNotChargeable',
      path: ['input', 'amount', 'minor'],
      ...expected,
    });
  });

  it('refuses a wallet that is not there, that is not theirs, or of another currency', async () => {
    const { ownerId, walletId } = await bed.aWallet();
    const amount = { currency: 'USD', minor: '1000' };
    const ask = async (user: string, input: object) =>
      (await bed.data<Created>(actAs.user(user), TOP_UP, { input })).topUpCreate.__typename;
    expect(await ask(ownerId, { walletId: newId('wallet'), amount })).toBe('WalletNotFound');
    expect(await ask(newId('user'), { walletId, amount })).toBe('WalletNotFound');
    expect(await ask(ownerId, { walletId, amount: { currency: 'EUR', minor: '1000' } })).toBe('CurrencyMismatch');
    expect(await ask(ownerId, { walletId, amount: { currency: 'USD', minor: '0' } })).toBe('InvalidInput');
  });

  it('gives the money back the way it came, and not into the wallet', async () => {
    const { walletId, paymentId } = await topUp();
    await bed.pay({ paymentId });
    await bed.until({ paymentId }, 'CAPTURED');
    const admin = actAs.user(undefined, { scopes: ['payments:refund', 'payments:read'] });
    const refund = 'mutation($input: RefundCreateInput!) { refundCreate(input: $input) { __typename } }';
    const ask = async (destination: string | null) => bed.data(admin, refund, { input: { paymentId, destination, reason: 'Wish' } });
    expect(await ask('WALLET')).toEqual({ refundCreate: { __typename: 'InvalidInput' } });
    expect(await ask(null)).toEqual({ refundCreate: { __typename: 'RefundCreated' } });
    expect((await bed.published('PostingRequested', { paymentId })).at(-1)).toMatchObject({
      legs: [{ debit: walletId, credit: 'system:clearing.stripe:USD', amount: { minor: '2500' } }],
    });
  });

  it('that a person has to look at waits where it cannot be spent', async () => {
    const strict = await openCards({
      fraud: { ...(bed.config as never as { fraud: object }).fraud, reviewFrom: 1, amountFrom: 1 } as never,
    });
    try {
      const { ownerId, walletId } = await strict.aWallet();
      const amount = { currency: 'USD', minor: '90000' };
      const { topUpCreate } = await strict.data<Created>(actAs.user(ownerId), TOP_UP, { input: { walletId, amount } });
      const { id: paymentId } = topUpCreate.topUp;
      await strict.pay({ paymentId }, CARDS.pays);
      await strict.until({ paymentId }, 'CAPTURED');
      expect((await strict.published('PostingRequested', { paymentId }))[0]).toMatchObject({ legs: [{ credit: 'system:escrow:USD' }] });
      expect(await strict.published('TopUpCaptured', { paymentId })).toEqual([]);
      const [review] = await strict.sql<{ id: string }>('select id from fraud_reviews where payment_id = $1', [paymentId]);
      const reviewer = actAs.user(undefined, { scopes: ['payments:review'] });
      const decide = 'mutation($input: FraudReviewDecideInput!) { fraudReviewDecide(input: $input) { __typename } }';
      await strict.data(reviewer, decide, { input: { reviewId: review?.id, decision: 'RELEASE', note: 'Known to us' } });
      expect((await strict.published('PostingRequested', { paymentId })).at(-1)).toMatchObject({
        legs: [{ debit: 'system:escrow:USD', credit: walletId, amount, code: 'TOP_UP' }],
      });
      expect(await strict.published('TopUpCaptured', { paymentId })).toHaveLength(1);
    } finally {
      await strict.close();
    }
  });

  it('is not offered where no provider is set up', async () => {
    const without = await openPayments();
    try {
      const { ownerId, walletId } = await without.aWallet();
      const input = { walletId, amount: { currency: 'USD', minor: '1000' } };
      expect(await without.data(actAs.user(ownerId), TOP_UP, { input })).toMatchObject({
        topUpCreate: { __typename: 'CardsNotAvailable' },
      });
    } finally {
      await without.close();
    }
  });

  it('ends when nobody has paid in time, and takes no money after that', async () => {
    const { paymentId } = await topUp();
    const { session_id } = await bed.openPage({ paymentId });
    await bed.sql(`update payments set deadline = now() where id = $1`, [paymentId]);
    await bed.until({ paymentId }, 'VOIDED');
    await expect(bed.simulator.control.payCheckoutSession(session_id, {})).rejects.toThrow();
  });

  it('into a wallet that was closed meanwhile waits in escrow, and goes back', async () => {
    const { ownerId, walletId, paymentId } = await topUp();
    await bed.openPage({ paymentId });
    await bed.tell({ type: 'WalletClosed', aggregateId: walletId, payload: { walletId, ownerId, currency: 'USD' } });
    await bed.pay({ paymentId });
    await bed.until({ paymentId }, 'CAPTURED');
    const postings = await bed.published('PostingRequested', { paymentId });
    expect(postings.find(({ factKey }) => factKey.endsWith(':succeeded'))).toMatchObject({ legs: [{ credit: 'system:escrow:USD' }] });
    expect(postings.at(-1)).toMatchObject({
      pendingUntil: expect.any(String),
      legs: [{ debit: 'system:escrow:USD', amount: { minor: '2500' } }],
    });
    expect(await bed.published('TopUpCaptured', { paymentId })).toEqual([]);
  });

  it('that the ledger will not put into a wallet that was just closed goes back too', async () => {
    const { paymentId } = await topUp();
    await bed.pay({ paymentId });
    await bed.until({ paymentId }, 'CAPTURED');
    const [capture] = (await bed.commands({ paymentId })).filter(({ fact_key }) => fact_key.endsWith(':succeeded'));
    await bed.tell(postingRefused(String(capture?.fact_key), 'ACCOUNT_CLOSED'));
    const postings = await bed.published('PostingRequested', { paymentId });
    expect(postings.slice(-2)).toMatchObject([
      { factKey: `${capture?.fact_key}:escrow`, legs: [{ debit: 'system:clearing.stripe:USD', credit: 'system:escrow:USD' }] },
      { legs: [{ debit: 'system:escrow:USD', credit: 'system:clearing.stripe:USD' }] },
    ]);
    expect(await bed.payment({ paymentId })).toMatchObject({ refunding_minor: '2500', needs_attention: false });
  });

  it('is begun at most twenty times an hour', async () => {
    const { ownerId, walletId } = await bed.aWallet();
    const input = { walletId, amount: { currency: 'USD', minor: '1000' } };
    const begin = 'mutation($input: TopUpCreateInput!) { topUpCreate(input: $input) { __typename } }';
    for (let count = 0; count < 20; count += 1) await bed.data(actAs.user(ownerId), begin, { input });
    expect(await bed.data(actAs.user(ownerId), begin, { input })).toMatchObject({ topUpCreate: { __typename: 'RateLimited' } });
  });

  it('ends when its page does', async () => {
    const { paymentId } = await topUp();
    await bed.openPage({ paymentId });
    await bed.simulator.control.advanceClock(2 * 3_600_000);
    await bed.until({ paymentId }, 'FAILED');
    await eventually('nothing is asked any more', async () => {
      const open = await bed.sql('select from provider_calls where payment_id = $1 and due_at is not null', [paymentId]);
      return open.length === 0;
    });
  });
});
