import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventPayload } from '@tessera/schema/contract';
import { newId } from '@tessera/service-kit/ids';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { aLedger, anEvent, aUser, inUnit, proofOf, published, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { onPostingRequested } from '../posting/on-posting-requested.ts';
import { expireHolds } from './expire-holds.ts';
import { onHoldPostRequested } from './on-hold-post-requested.ts';
import { onHoldRequested } from './on-hold-requested.ts';
import { onHoldVoidRequested } from './on-hold-void-requested.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

const usd = (minor: string) => ({ currency: 'USD', minor });
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

function aHoldRequest(user: TestUser, minor: string, more: Partial<EventPayload<'HoldRequested'>> = {}): EventPayload<'HoldRequested'> {
  const facts = { orderId: newId('order'), paymentId: newId('payment'), factKey: `hold:${randomUUID()}` };
  return {
    ...facts,
    walletId: user.walletId,
    ownerId: user.userId,
    creditAccount: 'system:escrow:USD',
    amount: usd(minor),
    deadline: inAnHour(),
    code: 'ORDER_PAYMENT',
    ...more,
  };
}
const requestHold = (payload: EventPayload<'HoldRequested'>) =>
  inUnit(ledger, (unit) => onHoldRequested(anEvent('HoldRequested', payload), unit));
const voidHold = (payload: EventPayload<'HoldVoidRequested'>) =>
  inUnit(ledger, (unit) => onHoldVoidRequested(anEvent('HoldVoidRequested', payload), unit));
const postHold = (payload: EventPayload<'HoldPostRequested'>) =>
  inUnit(ledger, (unit) => onHoldPostRequested(anEvent('HoldPostRequested', payload), unit));
const postLegs = (payload: Omit<EventPayload<'PostingRequested'>, 'pendingUntil'>) =>
  inUnit(ledger, (unit) => onPostingRequested(anEvent('PostingRequested', { ...payload, pendingUntil: null }), unit));

async function answersOf<
  T extends
    | 'HoldPlaced'
    | 'HoldRefused'
    | 'HoldPosted'
    | 'HoldVoided'
    | 'HoldExpired'
    | 'PostingRefused'
    | 'PostingCompleted'
    | 'TransferPosted',
>(type: T, factKey: string) {
  return (await published(ledger, type)).filter((payload) => payload.factKey === factKey);
}
async function walletOf(user: TestUser) {
  const query = 'query ($id: ID!) { wallet(id: $id) { balance { minor } available { minor } held { minor } } }';
  const { wallet } = await ledger.data<{ wallet: Record<'balance' | 'available' | 'held', { minor: string }> }>(user.viewer, query, {
    id: user.walletId,
  });
  return [wallet.balance.minor, wallet.available.minor, wallet.held.minor];
}

describe('a hold', () => {
  it('sets money aside and is posted with its linked legs, all or nothing', async () => {
    const [buyer, vendor] = [await aUser(ledger, 1_000n), newId('user')];
    const asked = aHoldRequest(buyer, '400');
    await requestHold(asked);
    const [placed] = await answersOf('HoldPlaced', asked.factKey);
    expect(placed).toMatchObject({
      amount: usd('400'),
      debit: { accountId: buyer.walletId, ownerId: buyer.userId, balance: usd('1000'), available: usd('600') },
      expiresAt: asked.deadline,
    });
    expect(await walletOf(buyer)).toEqual(['1000', '600', '400']);

    const facts = { orderId: asked.orderId, paymentId: asked.paymentId, holdFactKey: asked.factKey };
    const tooMuch = {
      ...facts,
      factKey: randomUUID(),
      legs: [{ debit: 'system:escrow:USD', credit: `payable:${vendor}:USD`, amount: usd('401'), code: 'VENDOR_SHARE' }],
    };
    await postHold(tooMuch);
    expect(await answersOf('PostingRefused', tooMuch.factKey)).toMatchObject([
      { reason: 'INSUFFICIENT_FUNDS', paymentId: asked.paymentId },
    ]);
    expect(await walletOf(buyer)).toEqual(['1000', '600', '400']);

    const legs = [
      { debit: 'system:escrow:USD', credit: `payable:${vendor}:USD`, amount: usd('380'), code: 'VENDOR_SHARE' },
      { debit: 'system:escrow:USD', credit: 'system:fees:USD', amount: usd('20'), code: 'PLATFORM_FEE' },
    ];
    const post = { ...facts, factKey: randomUUID(), legs };
    await postHold(post);
    await postHold(post);
    expect(await answersOf('HoldPosted', post.factKey)).toMatchObject([{ holdId: placed?.holdId }, { holdId: placed?.holdId }]);
    expect(await answersOf('TransferPosted', post.factKey)).toMatchObject([
      { code: 'VENDOR_SHARE', credit: { ownerId: null } },
      { code: 'PLATFORM_FEE' },
    ]);
    expect(await walletOf(buyer)).toEqual(['600', '600', '0']);
  });

  it('is refused without funds, for a stranger’s wallet and past its deadline, and the refusal is remembered', async () => {
    const [buyer, stranger] = [await aUser(ledger, 10n), await aUser(ledger, 500n)];
    const cases = [
      [aHoldRequest(buyer, '11'), 'INSUFFICIENT_FUNDS'],
      [aHoldRequest(buyer, '1', { walletId: stranger.walletId }), 'ACCOUNT_NOT_FOUND'],
      [aHoldRequest(buyer, '1', { walletId: newId('wallet') }), 'ACCOUNT_NOT_FOUND'],
      [aHoldRequest(buyer, '1', { creditAccount: 'system:nothing:USD' }), 'ACCOUNT_NOT_FOUND'],
      [aHoldRequest(buyer, '1', { creditAccount: 'system:escrow:EUR' }), 'CURRENCY_MISMATCH'],
      [aHoldRequest(buyer, '1', { deadline: new Date(Date.now() - 1_000).toISOString() }), 'DEADLINE_PASSED'],
      [aHoldRequest(buyer, '-1'), 'AMOUNT_INVALID'],
    ] as const;
    for (const [asked, reason] of cases) {
      await requestHold(asked);
      expect(await answersOf('HoldRefused', asked.factKey)).toMatchObject([{ reason, paymentId: asked.paymentId }]);
    }
    const [[poor]] = cases;
    await ledger.subgraph.services.operator.fund({
      walletOwnerId: buyer.userId,
      currency: 'USD',
      amountMinor: 100n,
      factKey: randomUUID(),
    });
    await requestHold(poor);
    expect(await answersOf('HoldRefused', poor.factKey)).toHaveLength(2);
    expect(await walletOf(buyer)).toEqual(['110', '110', '0']);
  });

  it('has one effect however often and however parallel the command comes, and answers each time', async () => {
    const buyer = await aUser(ledger, 100n);
    const asked = aHoldRequest(buyer, '60');
    await Promise.all([1, 2, 3, 4].map(() => requestHold(asked)));
    expect(await walletOf(buyer)).toEqual(['100', '40', '60']);
    const placed = await answersOf('HoldPlaced', asked.factKey);
    expect(placed).toHaveLength(4);
    const [first] = placed;
    expect(first).toMatchObject({
      debit: { address: null, ownerId: buyer.userId },
      credit: { address: 'system:escrow:USD', ownerId: null },
    });
    expect(placed).toEqual(Array(4).fill(first));
  });

  it('answers a redelivery of the very same command with no further event', async () => {
    const buyer = await aUser(ledger, 100n);
    const event = anEvent('HoldRequested', aHoldRequest(buyer, '60'));
    await inUnit(ledger, (unit) => onHoldRequested(event, unit));
    await inUnit(ledger, (unit) => onHoldRequested(event, unit));
    expect(await answersOf('HoldPlaced', event.payload.factKey)).toHaveLength(1);
  });

  it('fails loudly when a fact key comes back with another content', async () => {
    const buyer = await aUser(ledger, 100n);
    const asked = aHoldRequest(buyer, '60');
    await requestHold(asked);
    await expect(requestHold({ ...asked, amount: usd('61') })).rejects.toThrow('legs.0.minor');
    await expect(voidHold({ factKey: randomUUID(), holdFactKey: 'never', orderId: null, paymentId: null })).rejects.toThrow(
      'No hold was ever requested',
    );
  });

  it('gives the money back when it is voided, and answers the fact that is true after that', async () => {
    const buyer = await aUser(ledger, 100n);
    const asked = aHoldRequest(buyer, '60');
    await requestHold(asked);
    const facts = { holdFactKey: asked.factKey, orderId: asked.orderId, paymentId: asked.paymentId };
    const [first, second] = [
      { ...facts, factKey: randomUUID() },
      { ...facts, factKey: randomUUID() },
    ];
    await voidHold(first);
    await voidHold(second);
    expect(await answersOf('HoldVoided', first.factKey)).toHaveLength(2);
    expect(await walletOf(buyer)).toEqual(['100', '100', '0']);
    await postHold({ ...facts, factKey: 'post-after-void', legs: [] });
    expect(await answersOf('PostingRefused', 'post-after-void')).toMatchObject([{ reason: 'HOLD_VOIDED' }]);

    const refused = aHoldRequest(buyer, '5000');
    await requestHold(refused);
    await voidHold({ ...facts, holdFactKey: refused.factKey, factKey: 'void-of-nothing' });
    expect(await answersOf('HoldRefused', 'void-of-nothing')).toMatchObject([{ amount: usd('5000'), reason: 'INSUFFICIENT_FUNDS' }]);
  });

  it('expires by the clock of the database, once although several sweep; a later void answers the expiry', async () => {
    const buyer = await aUser(ledger, 100n);
    const asked = aHoldRequest(buyer, '60', { deadline: new Date(Date.now() + 300).toISOString() });
    await requestHold(asked);
    await inUnit(ledger, expireHolds);
    expect(await walletOf(buyer)).toEqual(['100', '40', '60']);
    await new Promise((resolve) => setTimeout(resolve, 320));
    await postHold({ factKey: 'post-when-due', holdFactKey: asked.factKey, legs: [], orderId: null, paymentId: null });
    expect(await answersOf('PostingRefused', 'post-when-due')).toMatchObject([{ reason: 'HOLD_EXPIRED' }]);
    await Promise.all([1, 2, 3].map(() => inUnit(ledger, expireHolds)));
    expect(await walletOf(buyer)).toEqual(['100', '100', '0']);
    expect(await answersOf('HoldExpired', asked.factKey)).toHaveLength(1);
    await voidHold({ factKey: randomUUID(), holdFactKey: asked.factKey, orderId: null, paymentId: null });
    expect(await answersOf('HoldExpired', asked.factKey)).toHaveLength(2);
  });

  it('is posted or voided, never both, when both race', async () => {
    const buyer = await aUser(ledger, 100n);
    for (let round = 0; round < 5; round += 1) {
      const asked = aHoldRequest(buyer, '10');
      await requestHold(asked);
      const facts = { holdFactKey: asked.factKey, orderId: asked.orderId, paymentId: asked.paymentId };
      await Promise.all([postHold({ ...facts, factKey: randomUUID(), legs: [] }), voidHold({ ...facts, factKey: randomUUID() })]);
    }
    const rows = await sql<{ state: string }>(ledger, `select state from transfers where debit_account_id = $1 and resolves is not null`, [
      buyer.walletId,
    ]);
    expect(rows).toHaveLength(5);
    const posted = rows.filter(({ state }) => state === 'POSTED').length;
    expect(await walletOf(buyer)).toEqual([String(100 - 10 * posted), String(100 - 10 * posted), '0']);
  });
});

describe('PostingRequested', () => {
  it('posts linked legs and answers PostingCompleted, or PostingRefused and nothing', async () => {
    const user = await aUser(ledger);
    const reference = { orderId: newId('order'), paymentId: newId('payment') };
    const legs = [
      { debit: `payable:${newId('user')}:USD`, credit: user.walletId, amount: usd('95'), code: 'REFUND' },
      { debit: 'system:fees:USD', credit: user.walletId, amount: usd('5'), code: 'SOMETHING_NEW' },
    ];
    await postLegs({ factKey: 'refund-1', legs, ...reference });
    await postLegs({ factKey: 'refund-1', legs, ...reference });
    const completed = await answersOf('PostingCompleted', 'refund-1');
    expect(completed).toHaveLength(2);
    expect(await answersOf('TransferPosted', 'refund-1')).toHaveLength(2);
    await postLegs({
      factKey: 'refund-2',
      legs: [...legs, { debit: user.walletId, credit: 'system:fees:USD', amount: usd('201'), code: 'REFUND' }],
      ...reference,
    });
    expect(await answersOf('PostingRefused', 'refund-2')).toMatchObject([{ reason: 'INSUFFICIENT_FUNDS' }]);
    expect(await walletOf(user)).toEqual(['100', '100', '0']);

    const seen = async (viewer = user.viewer) => {
      const query =
        'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Order { ledgerTransfers { code amount { minor } } } ... on Payment { ledgerTransfers { code } } } }';
      const representations = [
        { __typename: 'Order', id: reference.orderId },
        { __typename: 'Payment', id: reference.paymentId },
      ];
      return (await ledger.data<{ _entities: { ledgerTransfers: unknown[] }[] }>(viewer, query, { r: representations }))._entities;
    };
    expect(await seen()).toEqual([
      {
        ledgerTransfers: [
          { code: 'REFUND', amount: { minor: '95' } },
          { code: 'OTHER', amount: { minor: '5' } },
        ],
      },
      { ledgerTransfers: [{ code: 'REFUND' }, { code: 'OTHER' }] },
    ]);
    expect(await seen(actAs.user())).toEqual([{ ledgerTransfers: [] }, { ledgerTransfers: [] }]);
  });
});

it('a running ledger expires holds by itself and publishes it', async () => {
  const running = await aLedger({ isStarted: true });
  try {
    const buyer = await aUser(running, 100n);
    const asked = aHoldRequest(buyer, '60', { deadline: new Date(Date.now() + 200).toISOString() });
    await inUnit(running, (unit) => onHoldRequested(anEvent('HoldRequested', asked), unit));
    await eventually('the published expiry', async () => {
      const query = `select payload from outbox where type = 'HoldExpired' and published_at is not null and payload ->> 'factKey' = $1`;
      return (await sql(running, query, [asked.factKey])).length === 1;
    });
  } finally {
    await running.close();
  }
});

it('the books MUST prove themselves after all of this', async () => {
  expect(await proofOf(ledger)).toMatchObject({ isOk: true });
});
