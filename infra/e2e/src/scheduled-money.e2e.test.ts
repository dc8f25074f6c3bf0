import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  AdjustmentApproveDocument,
  AdjustmentProposeDocument,
  RoleGrantDocument,
  TransferReverseDocument,
  TransferScheduleDocument,
  WalletSchedulesDocument,
} from '@tessera/sdk';
import { eventually } from './graph/eventually.ts';
import { BALANCES, type BalanceEvent, type Frame, isGapless } from './graph/live-events.ts';
import { openSocket } from './graph/live-socket.ts';
import { must, mustBe } from './graph/must.ts';
import { availableOf, give, logIn, type Person, register, seeded, walletOf } from './graph/people.ts';
import { buy, offer } from './graph/shop.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const SOON_MS = 3_000;
const FUNDS = 10_000n;

let alice: Person;
let bob: Person;
let admin: Person;
let secondAdmin: Person;

beforeAll(async () => {
  const bank = await seeded('buyer', platform);
  admin = await seeded('admin', platform);
  const [person, ...others] = await Promise.all([register(platform), register(platform), register(platform)]);
  [alice, bob] = [must(others[0], 'alice'), must(others[1], 'bob')];
  mustBe((await admin.client.mutate(RoleGrantDocument, { input: { userId: person.id, role: 'ADMIN' } })).data.roleGrant, 'RoleGranted');
  [secondAdmin] = await Promise.all([logIn(person, platform), give(bank, alice, FUNDS)]);
}, 60_000);

async function planned(minor: string): Promise<string> {
  const wallets = { fromWalletId: (await walletOf(alice)).id, to: { email: bob.email } };
  const input = { ...wallets, amount: { currency: 'USD', minor }, startsAt: new Date(Date.now() + SOON_MS).toISOString() };
  const { data } = await alice.client.mutate(TransferScheduleDocument, { input });
  return must(mustBe(data.transferSchedule, 'TransferScheduled').schedule, 'a schedule').id;
}

async function scheduleOf(id: string) {
  const { data } = await alice.client.query(WalletSchedulesDocument, { walletId: (await walletOf(alice)).id, first: 10, runs: 5 });
  return data.wallet?.schedules?.edges.find(({ node }) => node.id === id)?.node;
}

async function adjust(minor: string): Promise<void> {
  const accounts = { debitAccountId: 'system:expenses:USD', creditAccountId: (await walletOf(alice)).id };
  const input = { ...accounts, amount: { currency: 'USD', minor }, reason: 'A parcel was lost' };
  const { data } = await admin.client.mutate(AdjustmentProposeDocument, { input });
  const adjustmentId = must(mustBe(data.adjustmentPropose, 'AdjustmentProposed').adjustment, 'an adjustment').id;
  const own = await admin.client.mutate(AdjustmentApproveDocument, { input: { adjustmentId } });
  expect(own.data.adjustmentApprove.__typename).toBe('SameApprover');
  const other = await secondAdmin.client.mutate(AdjustmentApproveDocument, { input: { adjustmentId } });
  const approved = mustBe(other.data.adjustmentApprove, 'AdjustmentApproved').adjustment;
  expect([approved?.proposedBy?.id, approved?.decidedBy?.id]).toEqual([admin.id, secondAdmin.id]);
}

describe('a scheduled transfer', () => {
  test('is made when it is due, and seen with its transfer', async () => {
    const before = await availableOf(bob);
    const id = await planned('111');
    const ended = await eventually(
      () => scheduleOf(id),
      (schedule) => schedule?.state === 'COMPLETED',
      30_000,
    );
    expect(ended?.runs?.edges.map(({ node }) => [node.number, node.refusal, node.transfer?.code, node.transfer?.amount.minor])).toEqual([
      [1, null, 'SCHEDULED', '111'],
    ]);
    expect((await availableOf(bob)) - before).toBe(111n);
  }, 60_000);

  test('that cannot be paid says why', async () => {
    const id = await planned('99999999');
    const ended = await eventually(
      () => scheduleOf(id),
      (schedule) => schedule?.state === 'COMPLETED',
      30_000,
    );
    expect(ended?.runs?.edges.map(({ node }) => [node.refusal, node.transfer])).toEqual([['INSUFFICIENT_FUNDS', null]]);
  }, 60_000);
});

test('balanceUpdated tells every kind of change once, in order, with balance and available amount', async () => {
  const vendor = await seeded('vendor2', platform);
  const piece = await offer(vendor, { minor: 500n, count: 1 });
  const socket = await openSocket(platform.url, alice.accessToken);
  try {
    const received = socket.subscribe<Frame<BalanceEvent>>(BALANCES, { walletId: (await walletOf(alice)).id });
    const events = () => received.events.flatMap(({ data }) => (data ? [data.balanceUpdated] : []));
    await eventually(
      () => give(alice, bob, 1n),
      () => events().length > 0,
    );
    const { balance } = await walletOf(alice);
    await eventually(
      async () => events().at(-1)?.balance.minor,
      (minor) => minor === balance.minor,
    );
    const first = events().length;
    const news = () =>
      events()
        .slice(first)
        .map(({ kind, ...event }) => [kind, ...[event.balance, event.available].map(({ minor }) => BigInt(minor) - BigInt(balance.minor))]);
    const told = (count: number) =>
      eventually(
        async () => news(),
        (all) => all.length >= count,
        30_000,
      );

    const transferId = await give(alice, bob, 10n);
    const { data } = await admin.client.mutate(TransferReverseDocument, { input: { transferId, note: 'A mistake' } });
    mustBe(data.transferReverse, 'TransferReversed');
    await adjust('20');
    await told(3);
    await planned('30');
    await told(4);
    await buy(alice, piece);
    const all = await told(6);
    const paid = BigInt(all.at(-1)?.[1] ?? 0) + 10n;
    expect(paid).toBeLessThanOrEqual(-500n);
    expect(all).toEqual([
      ['TRANSFER_OUT', -10n, -10n],
      ['TRANSFER_IN', 0n, 0n],
      ['TRANSFER_IN', 20n, 20n],
      ['TRANSFER_OUT', -10n, -10n],
      ['HOLD_PLACED', -10n, -10n + paid],
      ['HOLD_POSTED', -10n + paid, -10n + paid],
    ]);
    expect(isGapless(events().map(({ sequence }) => sequence))).toBe(true);
  } finally {
    socket.close();
  }
}, 120_000);
