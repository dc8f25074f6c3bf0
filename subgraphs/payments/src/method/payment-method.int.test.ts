import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { CARDS, type CardsBed, openCards } from '../../test/cards-bed.ts';

const SAVE =
  'mutation { paymentMethodSave(input: {}) { __typename ... on PaymentMethodSaveStarted { paymentMethod { id state clientAction { kind url } } } ... on Problem { code } } }';
const REMOVE =
  'mutation($id: ID!) { paymentMethodRemove(input: { paymentMethodId: $id }) { __typename ... on PaymentMethodRemoved { paymentMethod { state } } } }';
const MINE =
  'query($user: ID!) { _entities(representations: [{ __typename: "User", id: $user }]) { ... on User { paymentMethods { id state brand last4 expiresMonth expiresYear clientAction { url } } } } }';

interface Method {
  readonly id: string;
  readonly state: string;
  readonly last4: string | null;
  readonly clientAction: { readonly url: string } | null;
}

describe('saved cards', () => {
  let bed: CardsBed;
  beforeAll(async () => {
    bed = await openCards();
  });
  afterAll(() => bed.close());

  const mine = async (user: string, viewer = user) =>
    (await bed.data<{ _entities: [{ paymentMethods: Method[] | null }] }>(actAs.user(viewer), MINE, { user }))._entities[0].paymentMethods;
  const begin = async (user: string) => {
    const { paymentMethodSave } = await bed.data<{ paymentMethodSave: { paymentMethod: Method } }>(actAs.user(user), SAVE);
    return paymentMethodSave.paymentMethod;
  };
  const enter = async (method: Method, card: string) => {
    const session = method.clientAction?.url.match(/cs_\w+/)?.[0] ?? '';
    await bed.simulator.control.payCheckoutSession(session, { card, threeDSecure: 'COMPLETE' });
  };
  const saved = async (card: string = CARDS.pays, user: string = newId('user')) => {
    const method = await begin(user);
    await enter(method, card);
    await eventually('the card is saved', async () => (await mine(user))?.find(({ id }) => id === method.id)?.state === 'ACTIVE');
    return { user, id: method.id };
  };

  it('are entered at the page of the provider, and shown by their last digits', async () => {
    const user = newId('user');
    const method = await begin(user);
    expect(method).toMatchObject({ state: 'SETTING_UP', clientAction: { url: expect.stringContaining(bed.simulator.url) } });
    await enter(method, CARDS.pays);
    await eventually('the card is saved', async () => (await mine(user))?.[0]?.state === 'ACTIVE');
    expect(await mine(user)).toEqual([
      {
        id: method.id,
        state: 'ACTIVE',
        brand: 'visa',
        last4: '4242',
        expiresMonth: expect.any(Number),
        expiresYear: expect.any(Number),
        clientAction: null,
      },
    ]);
    expect(await mine(user, newId('user'))).toBeNull();
  });

  it('are charged while nobody is at a page', async () => {
    const { user, id } = await saved();
    const order = await bed.cardOrder({ customerId: user, paymentMethodId: id });
    await bed.until(order, 'CAPTURED');
    expect(await bed.attempts(order)).toMatchObject([{ state: 'SUCCEEDED', session_id: null, card_last4: '4242' }]);
    expect(await bed.simulator.control.chargesFor('payment_id', order.paymentId)).toHaveLength(1);
    expect(await bed.published('PaymentRequiresAction', order)).toEqual([]);
  });

  it.each([
    ['is declined', '4000000000000341', 'CARD_DECLINED'],
    ['wants a further proof', CARDS.wantsProof, 'AUTHENTICATION_REQUIRED'],
  ])('that %s closes the attempt for good', async (_what, card, reason) => {
    const { user, id } = await saved(card);
    const order = await bed.cardOrder({ customerId: user, paymentMethodId: id });
    await bed.until(order, 'FAILED');
    expect(await bed.payment(order)).toMatchObject({ failure_reason: reason });
    expect(await bed.simulator.control.chargesFor('payment_id', order.paymentId)).toEqual([]);
    expect(await bed.published('PaymentFailed', order)).toMatchObject([{ reason }]);
  });

  it('are not charged for anybody else, nor once they are removed', async () => {
    const { user, id } = await saved();
    const stranger = await bed.cardOrder({ paymentMethodId: id });
    expect(await bed.payment(stranger)).toMatchObject({ state: 'FAILED', failure_reason: 'PAYMENT_METHOD_NOT_FOUND' });
    expect(await bed.data(actAs.user(), REMOVE, { id })).toMatchObject({ paymentMethodRemove: { __typename: 'PaymentMethodNotFound' } });
    expect(await bed.data(actAs.user(user), REMOVE, { id })).toMatchObject({ paymentMethodRemove: { __typename: 'PaymentMethodRemoved' } });
    expect(await mine(user)).toEqual([]);
    await eventually('the provider has forgotten it', async () => {
      const [row] = await bed.sql<{ state: string }>('select state from payment_methods where id = $1', [id]);
      return row?.state === 'REMOVED';
    });
    const after = await bed.cardOrder({ customerId: user, paymentMethodId: id });
    expect(await bed.payment(after)).toMatchObject({ failure_reason: 'PAYMENT_METHOD_NOT_FOUND' });
    expect(await bed.data(actAs.user(user), REMOVE, { id })).toMatchObject({
      paymentMethodRemove: { __typename: 'PaymentMethodNotFound' },
    });
  });

  it('that are removed before the provider could be asked are not charged', async () => {
    const { user, id } = await saved();
    await bed.simulator.control.setFaults({ rateLimited: 1 });
    const order = await bed.cardOrder({ customerId: user, paymentMethodId: id });
    await bed.data(actAs.user(user), REMOVE, { id });
    await bed.simulator.control.setFaults({});
    await bed.until(order, 'FAILED');
    expect(await bed.payment(order)).toMatchObject({ failure_reason: 'PAYMENT_METHOD_NOT_FOUND' });
    expect(await bed.simulator.control.chargesFor('payment_id', order.paymentId)).toEqual([]);
  });

  it('that are removed while their page is open are forgotten when they are entered after all', async () => {
    const user = newId('user');
    const method = await begin(user);
    await bed.data(actAs.user(user), REMOVE, { id: method.id });
    await enter(method, CARDS.pays);
    await eventually('the provider has forgotten it', async () => {
      const [row] = await bed.sql<{ state: string; known: boolean }>(
        'select state, provider_method_id is not null as known from payment_methods where id = $1',
        [method.id],
      );
      return row?.state === 'REMOVED' && row.known;
    });
    expect(await mine(user)).toEqual([]);
  });

  it('of one user belong to one customer of the provider', async () => {
    const user = newId('user');
    await saved(CARDS.pays, user);
    await saved(CARDS.german, user);
    const rows = await bed.sql('select distinct provider_customer_id from payment_methods where user_id = $1', [user]);
    expect(rows).toHaveLength(1);
  });

  it('are begun at most twenty times an hour', async () => {
    const user = newId('user');
    for (let count = 0; count < 20; count += 1) await begin(user);
    expect(await bed.data(actAs.user(user), SAVE)).toMatchObject({ paymentMethodSave: { __typename: 'RateLimited' } });
  });
});
