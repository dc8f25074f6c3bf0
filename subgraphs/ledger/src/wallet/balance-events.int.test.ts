import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { aLedger, anEvent, aUser, inUnit, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { inAnHour, leg, posting, resolution } from '../../test/postings.ts';
import { backdate, runDue, schedule } from '../../test/schedules.ts';
import { changesOf, type WalletChange } from '../../test/wallet-changes.ts';
import { post } from '../engine/index.ts';
import { expireHolds } from '../hold/expire-holds.ts';
import { holdResolved } from '../hold/hold-events.ts';
import { onHoldPostRequested } from '../hold/on-hold-post-requested.ts';
import { onHoldRequested } from '../hold/on-hold-requested.ts';
import { onHoldVoidRequested } from '../hold/on-hold-void-requested.ts';

/** Workers run when the test says so. */
let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

/** Somebody with 1,000 and somebody with nothing. */
interface Two {
  readonly me: TestUser;
  readonly friend: TestUser;
}

interface Kind {
  /** What has to be there before. */
  readonly given?: (two: Two) => Promise<string>;
  readonly act: (two: Two, given: string) => Promise<unknown>;
  readonly me: readonly WalletChange[];
  readonly friend: readonly WalletChange[];
}

const reference = { orderId: null, paymentId: null };
async function hold({ me }: Two, deadline = inAnHour()): Promise<string> {
  const factKey = `hold:${randomUUID()}`;
  const accounts = { walletId: me.walletId, ownerId: me.userId, creditAccount: 'system:escrow:USD' };
  const payload = {
    ...reference,
    ...accounts,
    factKey,
    amount: { currency: 'USD', minor: '300' },
    deadline,
    code: 'ORDER_PAYMENT',
  };
  await inUnit(ledger, (unit) => onHoldRequested(anEvent('HoldRequested', payload), unit));
  return factKey;
}
const postHold = (holdFactKey: string) => {
  const payload = { ...reference, factKey: `post:${randomUUID()}`, holdFactKey, legs: [] };
  return inUnit(ledger, (unit) => onHoldPostRequested(anEvent('HoldPostRequested', payload), unit));
};
/** No command asks for a part yet; the engine posts it, and gives the rest back. */
const postPart = (factKey: string, amountMinor: bigint) =>
  inUnit(ledger, async ({ em, publish }) => {
    const [row] = await sql<{ id: string }>(ledger, 'select id from transfers where fact_key = $1', [factKey]);
    const legs = [{ kind: 'POST', holdId: row?.id ?? '', amountMinor }] as const;
    const [outcome] = await post(em, [{ scope: 'test', key: randomUUID(), legs, actor: 'service:test', traceparent: null }]);
    if (outcome?.kind === 'POSTED') for (const resolved of outcome.transfers) publish(holdResolved(resolved));
  });
const voidHold = (holdFactKey: string) => {
  const payload = { ...reference, factKey: `void:${randomUUID()}`, holdFactKey };
  return inUnit(ledger, (unit) => onHoldVoidRequested(anEvent('HoldVoidRequested', payload), unit));
};
const SOON_MS = 2_000;
const soon = () => new Date(Date.now() + SOON_MS).toISOString();
/** The deadline is in the hold itself, which never changes: it has to pass. */
const expire = (factKey: string) =>
  eventually('the hold expires', async () => {
    await inUnit(ledger, expireHolds);
    const open = await sql(ledger, 'select hold_id from open_holds o join transfers t on t.id = o.hold_id where t.fact_key = $1', [
      factKey,
    ]);
    return open.length === 0;
  });
/** Held together: mine to the friend, and mine to the bank. */
async function pending({ me, friend }: Two): Promise<string> {
  const factKey = `pending:${randomUUID()}`;
  const legs = [leg(me.walletId, friend.walletId, '100', 'OTHER'), leg(me.walletId, 'system:bank:USD', '50', 'OTHER')];
  await posting(ledger, factKey, legs, { pendingUntil: inAnHour() });
  return factKey;
}
const resolve = (pendingFactKey: string, outcome: 'POST' | 'VOID') =>
  resolution(ledger, `resolve:${randomUUID()}`, { pendingFactKey, outcome });

async function mutation<T>(viewer: TestUser['viewer'], name: string, fields: string, input: object): Promise<T> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { outcome: ${name}(input: $input) { __typename ... on Problem { code } ${fields} } }`;
  return (await ledger.data<{ outcome: T }>(viewer, query, { input })).outcome;
}
async function transfer({ me, friend }: Two): Promise<string> {
  const input = { fromWalletId: me.walletId, to: { walletId: friend.walletId }, amount: { currency: 'USD', minor: '100' } };
  const fields = '... on TransferCreated { transfer { id } }';
  return (await mutation<{ transfer: { id: string } }>(me.viewer, 'transferCreate', fields, input)).transfer.id;
}
async function adjustment({ friend }: Two): Promise<string> {
  const accounts = { debitAccountId: 'system:expenses:USD', creditAccountId: friend.walletId };
  const input = { ...accounts, amount: { currency: 'USD', minor: '40' }, reason: 'Goodwill' };
  const fields = '... on AdjustmentProposed { adjustment { id } }';
  return (await mutation<{ adjustment: { id: string } }>(actAs.admin(), 'adjustmentPropose', fields, input)).adjustment.id;
}
async function planned({ me, friend }: Two): Promise<string> {
  const answer = await schedule(ledger, me, { walletId: friend.walletId }, '60', { repeat: { every: 'DAILY' } });
  await backdate(ledger, answer.schedule?.id, 2);
  return answer.schedule?.id ?? '';
}

/** Amounts: 1,000 in my wallet, nothing in the friend's. */
const KINDS: Readonly<Record<string, Kind>> = {
  'money from outside': {
    act: ({ me }) => {
      const facts = { walletOwnerId: me.userId, currency: 'USD', amountMinor: 5n, factKey: randomUUID() } as const;
      return ledger.subgraph.services.operator.fund(facts);
    },
    me: [['TransferPosted', 'credit', '1005', '1005']],
    friend: [],
  },
  'a transfer': {
    act: transfer,
    me: [['TransferPosted', 'debit', '900', '900']],
    friend: [['TransferPosted', 'credit', '100', '100']],
  },
  'a transfer that is refused': {
    act: ({ me, friend }) => transfer({ me: friend, friend: me }).catch(() => undefined),
    me: [],
    friend: [],
  },
  'a reversal': {
    given: transfer,
    act: (_two, transferId) => mutation(actAs.admin(), 'transferReverse', '', { transferId, note: 'A mistake' }),
    me: [['TransferPosted', 'credit', '1000', '1000']],
    friend: [['TransferPosted', 'debit', '0', '0']],
  },
  'a hold': { act: (two) => hold(two), me: [['HoldPlaced', 'debit', '1000', '700']], friend: [] },
  'a hold that is posted whole': {
    given: (two) => hold(two),
    act: (_two, key) => postHold(key),
    me: [['HoldPosted', 'debit', '700', '700']],
    friend: [],
  },
  'a hold that is posted in part': {
    given: (two) => hold(two),
    act: (_two, key) => postPart(key, 100n),
    me: [['HoldPosted', 'debit', '900', '900']],
    friend: [],
  },
  'a hold that is voided': {
    given: (two) => hold(two),
    act: (_two, key) => voidHold(key),
    me: [['HoldVoided', 'debit', '1000', '1000']],
    friend: [],
  },
  'a hold that expires': {
    given: (two) => hold(two, soon()),
    act: (_two, key) => expire(key),
    me: [['HoldExpired', 'debit', '1000', '1000']],
    friend: [],
  },
  'linked legs': {
    act: ({ me, friend }) =>
      posting(ledger, `post:${randomUUID()}`, [
        ...[leg(me.walletId, 'system:escrow:USD', '100', 'ORDER_PAYMENT'), leg('system:escrow:USD', friend.walletId, '80', 'OTHER')],
      ]),
    me: [['TransferPosted', 'debit', '900', '900']],
    friend: [['TransferPosted', 'credit', '80', '80']],
  },
  'legs that are held together': {
    act: pending,
    me: [
      ['HoldPlaced', 'debit', '1000', '900'],
      ['HoldPlaced', 'debit', '1000', '850'],
    ],
    friend: [['HoldPlaced', 'credit', '0', '0']],
  },
  'legs that are posted together': {
    given: pending,
    act: (_two, key) => resolve(key, 'POST'),
    me: [
      ['HoldPosted', 'debit', '900', '850'],
      ['HoldPosted', 'debit', '850', '850'],
    ],
    friend: [['HoldPosted', 'credit', '100', '100']],
  },
  'legs that are voided together': {
    given: pending,
    act: (_two, key) => resolve(key, 'VOID'),
    me: [
      ['HoldVoided', 'debit', '1000', '950'],
      ['HoldVoided', 'debit', '1000', '1000'],
    ],
    friend: [['HoldVoided', 'credit', '0', '0']],
  },
  'an adjustment': {
    given: adjustment,
    act: (_two, adjustmentId) => mutation(actAs.admin(), 'adjustmentApprove', '', { adjustmentId }),
    me: [],
    friend: [['TransferPosted', 'credit', '40', '40']],
  },
  'a scheduled run, and one that was missed': {
    given: planned,
    act: () => runDue(ledger),
    me: [
      ['TransferPosted', 'debit', '940', '940'],
      ['TransferPosted', 'debit', '880', '880'],
    ],
    friend: [
      ['TransferPosted', 'credit', '60', '60'],
      ['TransferPosted', 'credit', '120', '120'],
    ],
  },
};

describe('every change of a wallet is told once, with its balance and available amount', () => {
  it.each(Object.entries(KINDS))('%s', async (_name, { given, act, me: mine, friend: theirs }) => {
    const two = { me: await aUser(ledger, 1_000n), friend: await aUser(ledger) };
    const before = given ? await given(two) : newId('event');
    const told = await changesOf(ledger, [two.me.walletId, two.friend.walletId], () => act(two, before));
    expect(told).toEqual([mine, theirs]);
  });
});
