import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { aLedger, aUser, proofOf, published, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { balances, inAnHour, leg, posting, resolution, told, typesTold, usd } from '../../test/postings.ts';

const CLEARING = 'system:clearing.stripe:USD';
const ESCROW = 'system:escrow:USD';
const FEES = 'system:fees:USD';
const EXPENSES = 'system:expenses:USD';
const DISPUTES = 'system:disputes:USD';

let ledger: TestLedger;
let customer: TestUser;
let vendor: TestUser;
let payable: string;
const otherVendor = `payable:${newId('user')}:USD`;
const facts = { orderId: newId('order'), paymentId: newId('payment') };
const topUp = { paymentId: newId('payment') };
beforeAll(async () => {
  ledger = await aLedger();
  [customer, vendor] = [await aUser(ledger), await aUser(ledger)];
  payable = `payable:${vendor.userId}:USD`;
});
afterAll(() => ledger.close());

/** The postings of payments, one after the other: each step starts from the books that the one before left. */
describe('the life of a card order in the books', () => {
  it('captures through escrow to vendors and platform, in one linked group', async () => {
    await posting(
      ledger,
      'capture',
      [
        leg(CLEARING, ESCROW, '10000', 'ORDER_PAYMENT'),
        leg(ESCROW, payable, '5700', 'VENDOR_SHARE'),
        leg(ESCROW, otherVendor, '3800', 'VENDOR_SHARE'),
        leg(ESCROW, FEES, '500', 'PLATFORM_FEE'),
      ],
      facts,
    );
    expect(await typesTold(ledger, 'capture')).toEqual([...Array(4).fill('TransferPosted'), 'PostingCompleted']);
    expect(await balances(ledger)).toEqual({ [CLEARING]: '10000', [payable]: '5700', [otherVendor]: '3800', [FEES]: '500' });
  });

  it('tells the name of every account that is not a wallet', async () => {
    const [moved] = (await told(ledger, 'capture')).map(({ payload }) => payload);
    expect(moved).toMatchObject({
      debit: { address: CLEARING, ownerId: null, sequence: 1, balance: usd('10000'), available: usd('10000') },
      credit: { address: ESCROW, ownerId: null, sequence: 1, balance: usd('10000') },
    });
  });

  it('refuses to take more out of escrow than the card brought in', async () => {
    const tooMuch = [leg(CLEARING, ESCROW, '100', 'ORDER_PAYMENT'), leg(ESCROW, payable, '101', 'VENDOR_SHARE')];
    await posting(ledger, 'capture-too-much', tooMuch, facts);
    expect(await told(ledger, 'capture-too-much')).toMatchObject([{ type: 'PostingRefused', payload: { reason: 'INSUFFICIENT_FUNDS' } }]);
  });

  it('books what the provider keeps as an expense', async () => {
    await posting(ledger, 'fee', [leg(EXPENSES, CLEARING, '320', 'PROVIDER_FEE')], facts);
    expect(await balances(ledger)).toMatchObject({ [CLEARING]: '9680', [EXPENSES]: '320' });
  });

  it('refunds to the card: held until the provider has decided, then posted or given back', async () => {
    const legs = [leg(payable, CLEARING, '950', 'REFUND'), leg(FEES, CLEARING, '50', 'REFUND')];
    await posting(ledger, 'refund-1', legs, { ...facts, pendingUntil: inAnHour() });
    await posting(ledger, 'refund-2', legs, { ...facts, pendingUntil: inAnHour() });
    expect(await balances(ledger)).toMatchObject({ [CLEARING]: '9680 (7680)', [payable]: '5700 (3800)', [FEES]: '500 (400)' });
    await resolution(ledger, 'refund-1:succeeded', { pendingFactKey: 'refund-1', outcome: 'POST', ...facts });
    await resolution(ledger, 'refund-2:failed', { pendingFactKey: 'refund-2', outcome: 'VOID', ...facts });
    expect(await balances(ledger)).toMatchObject({ [CLEARING]: '8680', [payable]: '4750', [FEES]: '450' });
  });

  it('refunds to the wallet at once', async () => {
    const legs = [leg(payable, customer.walletId, '95', 'REFUND'), leg(FEES, customer.walletId, '5', 'REFUND')];
    await posting(ledger, 'refund-3', legs, facts);
    expect(await balances(ledger)).toMatchObject({ [customer.walletId]: '100', [payable]: '4655', [FEES]: '445' });
  });

  it('tops a wallet up, and gives back to the card only what is still there', async () => {
    await posting(ledger, 'top-up', [leg(CLEARING, customer.walletId, '400', 'TOP_UP')], topUp);
    const back = (minor: string) => [leg(customer.walletId, CLEARING, minor, 'REFUND')];
    await posting(ledger, 'top-up-refund-1', back('300'), { ...topUp, pendingUntil: inAnHour() });
    expect(await balances(ledger)).toMatchObject({ [customer.walletId]: '500 (200)' });
    await posting(ledger, 'top-up-refund-2', back('201'), { ...topUp, pendingUntil: inAnHour() });
    expect(await told(ledger, 'top-up-refund-2')).toMatchObject([{ type: 'PostingRefused', payload: { reason: 'INSUFFICIENT_FUNDS' } }]);
    await resolution(ledger, 'top-up-refund-1:succeeded', { pendingFactKey: 'top-up-refund-1', outcome: 'POST', ...topUp });
    expect(await balances(ledger)).toMatchObject({ [CLEARING]: '8780', [customer.walletId]: '200' });
    const [placed] = (await published(ledger, 'HoldPlaced')).filter(({ factKey }) => factKey === 'top-up-refund-1');
    expect(placed).toMatchObject({
      debit: { accountId: customer.walletId, address: null, ownerId: customer.userId, balance: usd('500'), available: usd('200') },
      credit: { address: CLEARING },
    });
  });

  it('parks disputed money, takes it back when won, and from the vendor and the platform when lost', async () => {
    for (const key of ['dispute-1', 'dispute-2'])
      await posting(ledger, key, [leg(DISPUTES, CLEARING, '1000', 'DISPUTE'), leg(EXPENSES, CLEARING, '15', 'PROVIDER_FEE')], facts);
    expect(await balances(ledger)).toMatchObject({ [CLEARING]: '6750', [DISPUTES]: '2000', [EXPENSES]: '350' });
    await posting(ledger, 'dispute-1:won', [leg(CLEARING, DISPUTES, '1000', 'DISPUTE')], facts);
    const lost = [leg(payable, DISPUTES, '950', 'DISPUTE'), leg(FEES, DISPUTES, '50', 'DISPUTE')];
    await posting(ledger, 'dispute-2:lost', lost, facts);
    expect(await balances(ledger)).toEqual({
      [CLEARING]: '7750',
      [EXPENSES]: '350',
      [payable]: '3705',
      [otherVendor]: '3800',
      [FEES]: '395',
      [customer.walletId]: '200',
    });
  });

  it('the books MUST prove themselves, and balance, after all of this', async () => {
    expect(await proofOf(ledger)).toMatchObject({ isOk: true });
    const query = '{ trialBalance { totals { isBalanced debits { minor } } lines { kind debits { minor } credits { minor } } } }';
    const { trialBalance } = await ledger.data<{ trialBalance: { totals: unknown[]; lines: { kind: string }[] } }>(actAs.admin(), query);
    expect(trialBalance.totals).toMatchObject([{ isBalanced: true }]);
    expect(trialBalance.lines.find(({ kind }) => kind === 'CLEARING')).toMatchObject({
      debits: { minor: '11400' },
      credits: { minor: '3650' },
    });
  });
});

describe('Payment.ledgerTransfers', () => {
  const query =
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Payment { ledgerTransfers { code state amount { minor } } } } }';
  const seenBy = async (viewer: Parameters<TestLedger['data']>[0], paymentId = facts.paymentId) => {
    const representations = [{ __typename: 'Payment', id: paymentId }];
    const { _entities } = await ledger.data<{
      _entities: { ledgerTransfers: { code: string; state: string; amount: { minor: string } }[] }[];
    }>(viewer, query, { r: representations });
    return _entities[0]?.ledgerTransfers.map(({ code, state, amount }) => `${code} ${state} ${amount.minor}`);
  };

  it('shows every fact once with ledger:read, oldest first, each hold by what became of it', async () => {
    expect(await seenBy(actAs.admin())).toEqual([
      'ORDER_PAYMENT POSTED 10000',
      'VENDOR_SHARE POSTED 5700',
      'VENDOR_SHARE POSTED 3800',
      'PLATFORM_FEE POSTED 500',
      'PROVIDER_FEE POSTED 320',
      'REFUND POSTED 950',
      'REFUND POSTED 50',
      'REFUND VOIDED 950',
      'REFUND VOIDED 50',
      'REFUND POSTED 95',
      'REFUND POSTED 5',
      'DISPUTE POSTED 1000',
      'PROVIDER_FEE POSTED 15',
      'DISPUTE POSTED 1000',
      'PROVIDER_FEE POSTED 15',
      'DISPUTE POSTED 1000',
      'DISPUTE POSTED 950',
      'DISPUTE POSTED 50',
    ]);
  });

  it('shows customer and vendor what touches their accounts, and a stranger nothing', async () => {
    expect(await seenBy(customer.viewer)).toEqual(['REFUND POSTED 95', 'REFUND POSTED 5']);
    expect(await seenBy(customer.viewer, topUp.paymentId)).toEqual(['TOP_UP POSTED 400', 'REFUND POSTED 300']);
    expect(await seenBy(vendor.viewer)).toEqual([
      'VENDOR_SHARE POSTED 5700',
      'REFUND POSTED 950',
      'REFUND VOIDED 950',
      'REFUND POSTED 95',
      'DISPUTE POSTED 950',
    ]);
    expect(await seenBy(actAs.user())).toEqual([]);
  });
});
