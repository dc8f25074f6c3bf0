import { randomUUID } from 'node:crypto';
import { CheckoutCompleteDocument, FraudReviewsDocument, OrderDocument, RoleGrantDocument, TransferScheduleDocument } from '@tessera/sdk';
import { ask } from '../graph/ask.ts';
import { checkOutByCard, pageOf, saveCard } from '../graph/card.ts';
import { eventually } from '../graph/eventually.ts';
import { payAt } from '../graph/hosted-page.ts';
import { must, mustBe } from '../graph/must.ts';
import { give, logIn, type Person, register, seeded, walletOf } from '../graph/people.ts';
import { buy, type Offer, offer, quoted } from '../graph/shop.ts';
import type { Platform } from '../platform/platform.ts';

const FUNDS = 50_000n;

/** Somebody with everything that a mutation can be about, and somebody else with the same. */
export interface World {
  readonly platform: Platform;
  /** Buys and sells; has no rights over what is not theirs. */
  readonly owner: Person;
  readonly friend: Person;
  readonly admin: Person;
  readonly secondAdmin: Person;
  readonly piece: Offer;
  readonly licence: Offer;
  /** A thing of the friend's by prefix of its id. */
  readonly foreignIds: Readonly<Record<string, string>>;
}

export async function createWorld(platform: Platform): Promise<World> {
  const [admin, bank] = await Promise.all([seeded('admin', platform), seeded('buyer', platform)]);
  const [owner, friend, secondAdmin] = await Promise.all([
    personWith('VENDOR', admin, platform),
    personWith('VENDOR', admin, platform),
    personWith('ADMIN', admin, platform),
  ]);
  await Promise.all([give(bank, owner, FUNDS), give(bank, friend, FUNDS)]);
  const [piece, licence, ofFriend] = await Promise.all([
    offer(owner, { minor: 100n, count: 500 }),
    offer(owner, { kind: 'DIGITAL_UNITS', minor: 100n, count: 200 }),
    offer(friend, { kind: 'DIGITAL_UNITS', minor: 100n, count: 5 }),
  ]);
  return { platform, owner, friend, admin, secondAdmin, piece, licence, foreignIds: await thingsOf(friend, owner, ofFriend) };
}

async function personWith(role: 'VENDOR' | 'ADMIN', admin: Person, platform: Platform): Promise<Person> {
  const person = await register(platform);
  mustBe((await admin.client.mutate(RoleGrantDocument, { input: { userId: person.id, role } })).data.roleGrant, 'RoleGranted');
  return logIn(person, platform); // rights come with the next token
}

async function thingsOf(friend: Person, owner: Person, sold: Offer): Promise<Readonly<Record<string, string>>> {
  const order = await buy(friend, sold);
  const basket = await quoted(friend, sold);
  return {
    ord: order.id,
    pay: must(order.payments?.[0], 'a payment').id,
    unt: must(order.units[0], 'a unit').id,
    wal: (await walletOf(friend)).id,
    sch: await scheduled(friend, owner),
    pmt: (await saveCard(friend)).id,
    crt: basket.cartId,
    quo: basket.quoteId,
    prd: sold.productId,
    var: sold.variantId,
  };
}

const A_YEAR_MS = 31_536_000_000;
export const nextYear = (): string => new Date(Date.now() + A_YEAR_MS).toISOString();

/** A transfer that is planned for next year. */
export async function scheduled(from: Person, to: Person): Promise<string> {
  const wallets = { fromWalletId: (await walletOf(from)).id, to: { walletId: (await walletOf(to)).id } };
  const input = { ...wallets, amount: { currency: 'USD', minor: '1' }, startsAt: nextYear() };
  const { data } = await from.client.mutate(TransferScheduleDocument, { input });
  return must(mustBe(data.transferSchedule, 'TransferScheduled').schedule, 'a schedule').id;
}

/** A purchase whose payment was refused, because the wallet holds too little. */
export async function failedPayment({ owner }: World): Promise<string> {
  const { checkout } = await quoted(owner, await offer(owner, { minor: 2n * FUNDS, count: 1 }));
  const { order } = mustBe(
    (await owner.client.mutate(CheckoutCompleteDocument, { input: checkout })).data.checkoutComplete,
    'CheckoutCompleted',
  );
  const look = async () => (await owner.client.query(OrderDocument, { id: must(order, 'an order').id })).data.order?.payments?.[0];
  return must(await eventually(look, (seen) => seen?.state === 'FAILED'), 'a failed payment').id;
}

/** A payment that the fraud rules hold back: a large first one, by a card of another country. */
export async function openReview({ platform, owner, admin }: World): Promise<string> {
  const stranger = await register(platform);
  const { paymentId } = await checkOutByCard(stranger, await offer(owner, { minor: 30_000n, count: 1 }));
  await payAt(await pageOf(stranger, paymentId), 'PAY', { number: '4000 0027 6000 0016' });
  const look = async () => {
    const variables = { where: { state: { eq: 'OPEN' as const } }, first: 50 };
    const { fraudReviews } = (await admin.client.query(FraudReviewsDocument, variables)).data;
    return fraudReviews.edges.find(({ node }) => node.payment?.id === paymentId)?.node;
  };
  return must(await eventually(look, (review) => review !== undefined), 'a review').id;
}

/** The cart of a visitor with one piece in it. */
export async function visitorCart({ platform, piece }: World): Promise<string> {
  const query = 'mutation Add($input: CartLineAddInput!) { cartLineAdd(input: $input) { ... on CartChanged { cart { id } } } }';
  const variables = { input: { variantId: piece.variantId, quantity: 1, currency: 'USD', idempotencyKey: randomUUID() } };
  const { data } = await ask<{ cartLineAdd: { cart?: { id: string } } }>(platform.url, { query, variables });
  return must(data?.cartLineAdd.cart, 'a cart').id;
}
