import { randomUUID } from 'node:crypto';
import { AdjustmentProposeDocument, ProductCreateDocument, UserRegisterDocument, WalletOpenDocument } from '@tessera/sdk';
import { ask } from '../graph/ask.ts';
import { saveCard } from '../graph/card.ts';
import { must, mustBe } from '../graph/must.ts';
import { codeFor, give, register, walletOf } from '../graph/people.ts';
import { ADDRESS, buy, offer, quoted } from '../graph/shop.ts';
import { failedPayment, nextYear, openReview, scheduled, visitorCart, type World } from './world.ts';

/** A right input of one mutation, and who may send it; a visitor where nobody is named. */
export interface Sample {
  readonly input: Readonly<Record<string, unknown>>;
  readonly token?: string;
}

const PASSWORD = 'violet-anchor-meadow-42';
const price = { currency: 'USD', minor: '250' };
const sku = () => randomUUID().toUpperCase();
const email = () => `contract-${randomUUID()}@tessera.example`;

/** Makes what each mutation needs and says what would succeed now. There is one for every mutation of the graph: a test sees to it. */
export const samples: Readonly<Record<string, (world: World) => Promise<Sample>>> = {
  categorySave: async ({ admin }) => ({ input: { name: `Shelf ${sku()}`, description: 'For tests' }, token: admin.accessToken }),
  productCreate: async (world) =>
    own(world, {
      ...{
        title: 'A new thing',
        description: 'For tests',
        kind: 'PHYSICAL',
        media: [{ url: 'https://img.example/a.jpg', alt: 'A thing' }],
      },
      ...{ options: [{ name: 'Size', values: ['S'] }], seo: { title: 'Thing', description: 'A thing' } },
      variants: [
        {
          sku: sku(),
          title: 'Small',
          prices: [price],
          weightGrams: 10,
          optionValues: [{ name: 'Size', value: 'S' }],
          attributes: [{ name: 'Colour', value: 'Blue' }],
        },
      ],
    }),
  productUpdate: async (world) =>
    own(world, {
      productId: world.piece.productId,
      description: 'Changed',
      media: [{ url: 'https://img.example/b.jpg', alt: 'B' }],
      seo: { title: 'T' },
    }),
  productPublish: async (world) => own(world, { productId: (await offer(world.owner, { minor: 5n, count: 0 })).productId }),
  productArchive: async (world) => own(world, { productId: (await offer(world.owner, { minor: 5n, count: 0 })).productId }),
  variantAdd: async (world) =>
    own(world, {
      productId: await draft(world),
      sku: sku(),
      title: 'Another',
      prices: [price],
      weightGrams: 5,
      attributes: [{ name: 'Colour', value: 'Red' }],
    }),
  variantUpdate: async (world) =>
    own(world, { variantId: world.piece.variantId, title: 'Renamed', weightGrams: 7, attributes: [{ name: 'Colour', value: 'Green' }] }),
  variantRemove: async (world) => own(world, { variantId: (await draftVariant(world)).variantId }),
  variantPriceSet: async (world) => own(world, { variantId: (await draftVariant(world)).variantId, prices: [price] }),
  transferCreate: async (world) =>
    own(world, {
      fromWalletId: (await walletOf(world.owner)).id,
      to: { walletId: (await walletOf(world.friend)).id },
      amount: { currency: 'USD', minor: '5' },
      note: 'Thanks',
    }),
  transferBatchCreate: async (world) => {
    const to = { walletId: (await walletOf(world.friend)).id };
    return own(world, {
      fromWalletId: (await walletOf(world.owner)).id,
      items: ['2', '3'].map((minor) => ({ to, amount: { currency: 'USD', minor }, note: 'Wages' })),
      atomic: true,
    });
  },
  transferReverse: async ({ owner, friend, admin }) => ({
    input: { transferId: await give(owner, friend, 3n), note: 'A mistake' },
    token: admin.accessToken,
  }),
  walletLimitsSet: async ({ owner, admin }) => ({
    input: {
      walletId: (await walletOf(owner)).id,
      perTransfer: { currency: 'USD', minor: '90000000' },
      perDay: { currency: 'USD', minor: '99000000' },
      reason: 'As agreed by telephone',
    },
    token: admin.accessToken,
  }),
  transferSchedule: async (world) =>
    own(world, {
      fromWalletId: (await walletOf(world.owner)).id,
      to: { walletId: (await walletOf(world.friend)).id },
      amount: { currency: 'USD', minor: '5' },
      note: 'Rent',
      startsAt: nextYear(),
      repeat: { every: 'MONTHLY', dayOfMonth: 31, timeZone: 'Europe/Berlin', count: 12 },
    }),
  transferScheduleCancel: async (world) => own(world, { scheduleId: await scheduled(world.owner, world.friend) }),
  adjustmentPropose: async (world) => ({ input: await correction(world), token: world.admin.accessToken }),
  adjustmentApprove: async (world) => ({ input: { adjustmentId: await proposed(world) }, token: world.admin.accessToken }),
  adjustmentReject: async (world) => ({ input: { adjustmentId: await proposed(world), note: 'Not ours' }, token: world.admin.accessToken }),
  walletOpen: async (world) => own(world, { currency: 'EUR' }),
  walletClose: async (world) => own(world, { walletId: await emptyWallet(world) }),
  cartLineAdd: async (world) =>
    own(world, { cartId: (await quoted(world.owner, world.piece)).cartId, variantId: world.piece.variantId, quantity: 1, currency: 'USD' }),
  cartLineSet: async (world) =>
    own(world, { cartId: (await quoted(world.owner, world.piece)).cartId, variantId: world.piece.variantId, quantity: 2 }),
  cartLineRemove: async (world) =>
    own(world, { cartId: (await quoted(world.owner, world.piece)).cartId, variantId: world.piece.variantId }),
  cartClear: async (world) => own(world, { cartId: (await quoted(world.owner, world.piece)).cartId }),
  cartMerge: async (world) => own(world, { cartId: await visitorCart(world) }),
  checkoutQuote: async (world) =>
    own(world, { cartId: (await quoted(world.owner, world.piece)).cartId, currency: 'USD', shippingAddress: ADDRESS }),
  checkoutComplete: async (world) => own(world, (await quoted(world.owner, world.piece)).checkout),
  orderCancel: async (world) => own(world, { orderId: (await buy(world.owner, world.piece)).id, reason: 'Changed my mind' }),
  stockAdjust: async (world) => own(world, { variantId: world.piece.variantId, onHand: 450, reason: 'Counted' }),
  unitsDeposit: async (world) => own(world, { variantId: world.licence.variantId, secrets: [`SECRET-${randomUUID()}`] }),
  unitReveal: async (world) => own(world, { unitId: must((await buy(world.owner, world.licence)).units[0], 'a unit').id }),
  paymentRetry: async (world) => own(world, { paymentId: await failedPayment(world), walletId: (await walletOf(world.owner)).id }),
  refundCreate: async (world) => {
    const [payment] = (await buy(world.owner, world.piece)).payments ?? [];
    return {
      input: {
        paymentId: must(payment, 'a payment').id,
        amount: { currency: 'USD', minor: '1' },
        destination: 'WALLET',
        reason: 'Scratched',
      },
      token: world.admin.accessToken,
    };
  },
  paymentAttentionSettle: async (world) => {
    const [payment] = (await buy(world.owner, world.piece)).payments ?? [];
    return { input: { paymentId: must(payment, 'a payment').id, note: 'Looked at' }, token: world.admin.accessToken };
  },
  topUpCreate: async (world) => own(world, { walletId: (await walletOf(world.owner)).id, amount: { currency: 'USD', minor: '1500' } }),
  paymentMethodSave: async (world) => own(world, {}),
  paymentMethodRemove: async (world) => own(world, { paymentMethodId: (await saveCard(world.owner)).id }),
  fraudReviewDecide: async (world) => ({
    input: { reviewId: await openReview(world), decision: 'RELEASE', note: 'Known by telephone' },
    token: world.admin.accessToken,
  }),
  userRegister: async () => ({
    input: { email: email(), password: PASSWORD, displayName: 'Connie Contract', handle: `c${randomUUID().slice(0, 8)}` },
  }),
  profileUpdate: async ({ owner }) => ({
    input: { displayName: 'Olivia Owner', avatarUrl: 'https://img.example/o.jpg', phone: '+14155550100' },
    token: owner.accessToken,
  }),
  roleGrant: async ({ admin, platform }) => ({
    input: { userId: (await register(platform)).id, role: 'VENDOR' },
    token: admin.accessToken,
  }),
  roleRevoke: async ({ admin, platform }) => ({
    input: { userId: (await register(platform)).id, role: 'VENDOR' },
    token: admin.accessToken,
  }),
  sessionOpen: async ({ platform }) => ({ input: await account(platform) }),
  sessionRefresh: async ({ platform }) => ({ input: { refreshToken: (await session(platform)).refreshToken } }),
  sessionClose: async ({ platform }) => ({ input: {}, token: (await session(platform)).accessToken }),
  emailVerify: async ({ platform, owner }) => {
    const address = email();
    const registered = await owner.client.mutate(UserRegisterDocument, {
      input: { email: address, password: PASSWORD, displayName: 'Vera' },
    });
    mustBe(registered.data.userRegister, 'RegistrationAccepted');
    return { input: { email: address, code: await codeFor(address, platform) } };
  },
  emailVerificationResend: async () => ({ input: { email: email() } }),
};

async function correction({ owner }: World) {
  const accounts = { debitAccountId: 'system:expenses:USD', creditAccountId: (await walletOf(owner)).id };
  return { ...accounts, amount: { currency: 'USD', minor: '7' }, reason: 'A parcel was lost' };
}

async function proposed(world: World): Promise<string> {
  const { data } = await world.secondAdmin.client.mutate(AdjustmentProposeDocument, { input: await correction(world) });
  return must(mustBe(data.adjustmentPropose, 'AdjustmentProposed').adjustment, 'an adjustment').id;
}

function own({ owner }: World, input: Readonly<Record<string, unknown>>): Sample {
  return { input, token: owner.accessToken };
}

async function draftVariant({ owner }: World): Promise<{ readonly productId: string; readonly variantId: string }> {
  const input = { title: 'A draft', kind: 'PHYSICAL' as const, variants: [{ sku: sku(), prices: [price] }] };
  const { product } = mustBe((await owner.client.mutate(ProductCreateDocument, { input })).data.productCreate, 'ProductCreated');
  return { productId: product.id, variantId: must(product.variants[0], 'a variant').id };
}

async function draft(world: World): Promise<string> {
  const input = { title: 'A draft without variants', kind: 'PHYSICAL' as const };
  return mustBe((await world.owner.client.mutate(ProductCreateDocument, { input })).data.productCreate, 'ProductCreated').product.id;
}

async function emptyWallet({ owner }: World): Promise<string> {
  const { wallet } = mustBe(
    (await owner.client.mutate(WalletOpenDocument, { input: { currency: 'JPY' } })).data.walletOpen,
    'WalletOpened',
  );
  return must(wallet, 'a wallet').id;
}

async function account(platform: World['platform']): Promise<{ readonly email: string; readonly password: string }> {
  const { email: address, password } = await register(platform);
  return { email: address, password };
}

async function session(platform: World['platform']): Promise<{ readonly accessToken: string; readonly refreshToken: string }> {
  const query =
    'mutation Open($input: SessionOpenInput!) { sessionOpen(input: $input) { ... on SessionOpened { accessToken refreshToken } } }';
  const { data } = await ask<{ sessionOpen: { accessToken: string; refreshToken: string } }>(platform.url, {
    query,
    variables: { input: await account(platform) },
  });
  return must(data, 'a session').sessionOpen;
}
