import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { aLedger, aUser, inUnit, proofOf, published, sql, type TestLedger } from '../../test/a-ledger.ts';
import { expireAdjustments } from './expire-adjustments.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

type Viewer = ReturnType<typeof actAs.user>;
const [ada, bob, cleo] = [actAs.admin(), actAs.admin(), actAs.admin()];

const FIELDS = `adjustment { id state reason refusal decisionNote proposedBy { id } decidedBy { id } amount { minor }
  debitAccount { id address } creditAccount { id } transfer { id code note } }`;
const MUTATIONS = {
  adjustmentPropose: `mutation ($input: AdjustmentProposeInput!) { outcome: adjustmentPropose(input: $input) { __typename
    ... on Problem { code path } ... on InvalidInput { issues { path } } ... on AdjustmentProposed { ${FIELDS} } } }`,
  adjustmentApprove: `mutation ($input: AdjustmentApproveInput!) { outcome: adjustmentApprove(input: $input) { __typename ... on Problem { code }
    ... on AdjustmentApproved { ${FIELDS} } ... on AdjustmentAlreadyDecided { ${FIELDS} } ... on AdjustmentRefused { reason ${FIELDS} } } }`,
  adjustmentReject: `mutation ($input: AdjustmentRejectInput!) { outcome: adjustmentReject(input: $input) { __typename ... on Problem { code }
    ... on AdjustmentRejected { ${FIELDS} } ... on AdjustmentAlreadyDecided { ${FIELDS} } } }`,
} as const;

interface Outcome {
  readonly __typename: string;
  readonly code?: string;
  readonly issues?: readonly { readonly path: readonly string[] }[];
  readonly adjustment?: { readonly id: string; readonly state: string; readonly transfer: { readonly id: string } | null };
}
async function act(name: keyof typeof MUTATIONS, viewer: Viewer, input: object): Promise<Outcome> {
  return (await ledger.data<{ outcome: Outcome }>(viewer, MUTATIONS[name], { input })).outcome;
}
const propose = (viewer: Viewer, walletId: string, minor = '10', more: object = {}) => {
  const accounts = { debitAccountId: 'system:expenses:USD', creditAccountId: walletId };
  return act('adjustmentPropose', viewer, { ...accounts, amount: { currency: 'USD', minor }, reason: 'Goodwill', ...more });
};
const approve = (viewer: Viewer, adjustmentId: string | undefined) => act('adjustmentApprove', viewer, { adjustmentId });
const reject = (viewer: Viewer, adjustmentId: string | undefined, note = 'Not ours') =>
  act('adjustmentReject', viewer, { adjustmentId, note });
const balanceOf = async (walletId: string) =>
  (await sql<{ balance: string }>(ledger, 'select credits_posted - debits_posted as balance from accounts where id = $1', [walletId]))[0]
    ?.balance;

describe('an adjustment', () => {
  it('moves money once another person approves it, and says who did what', async () => {
    const user = await aUser(ledger);
    const { adjustment } = await propose(ada, user.walletId, '25', { reason: ' Lost parcel ' });
    expect(adjustment).toMatchObject({
      state: 'PROPOSED',
      reason: 'Lost parcel',
      proposedBy: { id: ada.userId },
      decidedBy: null,
      transfer: null,
    });
    expect(await balanceOf(user.walletId)).toBe('0');
    const approved = await approve(bob, adjustment?.id);
    expect(approved).toMatchObject({
      __typename: 'AdjustmentApproved',
      adjustment: {
        state: 'APPROVED',
        decidedBy: { id: bob.userId },
        debitAccount: { address: 'system:expenses:USD' },
        creditAccount: { id: user.walletId },
        transfer: { code: 'ADJUSTMENT', note: 'Lost parcel' },
      },
    });
    expect(await balanceOf(user.walletId)).toBe('25');
    const [row] = await sql(ledger, 'select actor, fact_key from transfers where id = $1', [approved.adjustment?.transfer?.id]);
    expect(row).toEqual({ actor: bob.principal, fact_key: `service:ledger/adjustment:${adjustment?.id}` });
    const told = (await published(ledger, 'TransferPosted')).filter(({ transferId }) => transferId === approved.adjustment?.transfer?.id);
    expect(told).toMatchObject([{ code: 'ADJUSTMENT', credit: { ownerId: user.userId, balance: { minor: '25' } } }]);
  });

  it('is not approved by whoever proposed it, in another session or with a key of theirs', async () => {
    const user = await aUser(ledger);
    const { adjustment } = await propose(ada, user.walletId);
    const elsewhere = { ...ada, sessionId: 'ses_other' };
    const withKey = { ...ada, kind: 'apiKey', principal: `key:${newId('apiKey')}`, sessionId: null } as const;
    for (const viewer of [ada, elsewhere, withKey]) expect(await approve(viewer, adjustment?.id)).toMatchObject({ code: 'SAME_APPROVER' });
    expect(await balanceOf(user.walletId)).toBe('0');
  });

  it('MUST have two people in the database too, and be decided once', async () => {
    const user = await aUser(ledger);
    const { adjustment } = await propose(ada, user.walletId);
    const decide = (by: string, state = 'APPROVED', transfer: string | null = 'trf_x') =>
      sql(ledger, `update adjustments set state = $3, decided_by = $2, decided_at = now(), transfer_id = $4 where id = $1`, [
        ...[adjustment?.id, by, state, transfer],
      ]);
    await expect(decide(ada.userId)).rejects.toThrow(/adjustments_two_people/);
    await expect(decide(ada.userId, 'REJECTED', null)).rejects.toThrow(/adjustments_two_people/);
    await expect(decide(bob.userId, 'WITHDRAWN', null)).rejects.toThrow(/adjustments_two_people/);
    await expect(decide(bob.userId, 'APPROVED', null)).rejects.toThrow(/adjustments_approved_has_transfer/);
    await reject(bob, adjustment?.id);
    await expect(decide(cleo.userId)).rejects.toThrow(/never changed/);
    await expect(sql(ledger, 'delete from adjustments where id = $1', [adjustment?.id])).rejects.toThrow(/never changed/);
  });

  it.each(['amount_minor = 1', `reason = 'Else'`, 'credit_account_id = debit_account_id', `proposed_by = 'usr_x'`, 'expires_at = now()'])(
    'MUST be decided as it was proposed: the database refuses %s',
    async (change) => {
      const { adjustment } = await propose(ada, (await aUser(ledger)).walletId);
      await expect(sql(ledger, `update adjustments set ${change} where id = $1`, [adjustment?.id])).rejects.toThrow(/never changed/);
    },
  );

  it('is posted once when two people approve at once: one did it, the other is told that it is done', async () => {
    const user = await aUser(ledger);
    for (let round = 0; round < 10; round += 1) {
      const { adjustment } = await propose(ada, user.walletId, '1');
      const answers = await Promise.all([approve(bob, adjustment?.id), approve(cleo, adjustment?.id)]);
      expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['AdjustmentAlreadyDecided', 'AdjustmentApproved']);
      expect(answers[0]?.adjustment).toEqual(answers[1]?.adjustment);
      expect(await balanceOf(user.walletId)).toBe(String(round + 1));
    }
  });

  it('is either approved or rejected when both are asked at once', async () => {
    const user = await aUser(ledger);
    let approvals = 0;
    for (let round = 0; round < 10; round += 1) {
      const { adjustment } = await propose(ada, user.walletId, '1');
      const answers = await Promise.all([approve(bob, adjustment?.id), reject(round % 2 === 0 ? cleo : ada, adjustment?.id)]);
      const [won, lost] = answers[0]?.__typename === 'AdjustmentApproved' ? answers : [answers[1], answers[0]];
      expect(lost).toMatchObject({ __typename: 'AdjustmentAlreadyDecided', adjustment: won?.adjustment });
      if (won?.adjustment?.state === 'APPROVED') approvals += 1;
    }
    expect(await balanceOf(user.walletId)).toBe(String(approvals));
  });

  it('is rejected by another person and withdrawn by its own, with a note', async () => {
    const user = await aUser(ledger);
    const { adjustment } = await propose(ada, user.walletId);
    expect(await reject(bob, adjustment?.id, ' Twice ')).toMatchObject({
      adjustment: { state: 'REJECTED', decisionNote: 'Twice', decidedBy: { id: bob.userId } },
    });
    expect(await approve(bob, adjustment?.id)).toMatchObject({ __typename: 'AdjustmentAlreadyDecided', adjustment: { state: 'REJECTED' } });
    const { adjustment: second } = await propose(ada, user.walletId);
    expect(await reject(ada, second?.id)).toMatchObject({ adjustment: { state: 'WITHDRAWN' } });
    expect(await reject(bob, newId('adjustment'))).toMatchObject({ code: 'ADJUSTMENT_NOT_FOUND' });
    expect(await approve(bob, newId('adjustment'))).toMatchObject({ code: 'ADJUSTMENT_NOT_FOUND' });
    expect(await balanceOf(user.walletId)).toBe('0');
  });

  it('that the accounts do not allow is refused for good, and says why', async () => {
    const user = await aUser(ledger, 5n);
    const { adjustment } = await propose(ada, 'system:fees:USD', '10', { debitAccountId: user.walletId });
    expect(await approve(bob, adjustment?.id)).toMatchObject({
      __typename: 'AdjustmentRefused',
      reason: 'INSUFFICIENT_FUNDS',
      adjustment: { state: 'REFUSED', refusal: 'INSUFFICIENT_FUNDS', transfer: null },
    });
    await ledger.subgraph.services.operator.fund({
      walletOwnerId: user.userId,
      currency: 'USD',
      amountMinor: 100n,
      factKey: newId('event'),
    });
    expect(await approve(cleo, adjustment?.id)).toMatchObject({ __typename: 'AdjustmentAlreadyDecided', adjustment: { state: 'REFUSED' } });
    expect(await balanceOf(user.walletId)).toBe('105');
  });

  it('expires when nobody decides, also before the sweeper has come by', async () => {
    const user = await aUser(ledger);
    const { adjustment } = await propose(ada, user.walletId);
    await sql(
      ledger,
      `set session_replication_role = replica; update adjustments set expires_at = clock_timestamp() where id = '${adjustment?.id}'; reset session_replication_role`,
    );
    expect(await approve(bob, adjustment?.id)).toMatchObject({ code: 'ADJUSTMENT_EXPIRED' });
    await inUnit(ledger, expireAdjustments);
    expect(await sql(ledger, 'select state, decided_by from adjustments where id = $1', [adjustment?.id])).toEqual([
      { state: 'EXPIRED', decided_by: null },
    ]);
    expect(await approve(bob, adjustment?.id)).toMatchObject({ code: 'ADJUSTMENT_EXPIRED' });
    expect(await reject(bob, adjustment?.id)).toMatchObject({ code: 'ADJUSTMENT_EXPIRED' });
  });
});

describe('adjustmentPropose', () => {
  it('refuses accounts that are not there, closed, of another currency or the same', async () => {
    const user = await aUser(ledger);
    const cases: readonly (readonly [object, object])[] = [
      [{ debitAccountId: newId('wallet') }, { code: 'LEDGER_ACCOUNT_NOT_FOUND', path: ['input', 'debitAccountId'] }],
      [{ creditAccountId: `payable:${newId('user')}:USD` }, { code: 'LEDGER_ACCOUNT_NOT_FOUND', path: ['input', 'creditAccountId'] }],
      [{ creditAccountId: 'system:clearing.nobody:USD' }, { code: 'LEDGER_ACCOUNT_NOT_FOUND' }],
      [{ creditAccountId: 'system:nothing:USD' }, { code: 'LEDGER_ACCOUNT_NOT_FOUND' }],
      [{ debitAccountId: 'system:expenses:EUR' }, { code: 'CURRENCY_MISMATCH', path: ['input', 'debitAccountId'] }],
      [{ creditAccountId: 'system:expenses:USD' }, { __typename: 'InvalidInput' }],
      [{ amount: { currency: 'USD', minor: '0' } }, { __typename: 'InvalidInput', issues: [{ path: ['input', 'amount', 'minor'] }] }],
      [{ reason: '  ' }, { __typename: 'InvalidInput', issues: [{ path: ['input', 'reason'] }] }],
      [{ reason: 'a\u0007b' }, { __typename: 'InvalidInput', issues: [{ path: ['input', 'reason'] }] }],
    ];
    for (const [input, expected] of cases) expect(await propose(ada, user.walletId, '1', input)).toMatchObject(expected);
    await sql(ledger, 'update accounts set is_closed = true, closed_at = now() where id = $1', [user.walletId]);
    expect(await propose(ada, user.walletId)).toMatchObject({ code: 'ACCOUNT_CLOSED', path: ['input', 'creditAccountId'] });
    expect(await sql(ledger, `select address from accounts where address like '%EUR' or address like '%nobody%'`)).toEqual([]);
  });
});

describe('the list of adjustments', () => {
  const LIST =
    '{ adjustments(first: 2, where: { state: [PROPOSED] }) { totalCount edges { node { id state } } pageInfo { hasNextPage } } }';

  it('is for ledger:read, newest first, by state', async () => {
    const user = await aUser(ledger);
    const first = await propose(ada, user.walletId);
    const second = await propose(bob, user.walletId);
    const { adjustments } = await ledger.data<{ adjustments: { edges: { node: { id: string } }[] } }>(cleo, LIST);
    expect(adjustments.edges.map(({ node }) => node.id)).toEqual([second.adjustment?.id, first.adjustment?.id]);
    const { errors } = await ledger.ask(user.viewer, LIST);
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('and everything in it is closed to others, also through _entities', async () => {
    const user = await aUser(ledger);
    const { adjustment } = await propose(ada, user.walletId);
    const of = [{ __typename: 'Adjustment', id: adjustment?.id }];
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Adjustment { id reason } } }';
    expect(await ledger.data(user.viewer, query, { of })).toEqual({ _entities: [null] });
    expect(await ledger.data(actAs.service('payments'), query, { of })).toEqual({ _entities: [null] });
    expect(await ledger.data(bob, query, { of })).toMatchObject({ _entities: [{ id: adjustment?.id }] });
    for (const name of ['adjustmentApprove', 'adjustmentReject'] as const) {
      const note = name === 'adjustmentReject' ? { note: 'x' } : {};
      const { errors } = await ledger.ask(
        user.viewer,
        MUTATIONS[name],
        { input: { adjustmentId: adjustment?.id, ...note } },
        { key: newId('event') },
      );
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
  });
});

it('the books prove themselves after all of this', async () => {
  expect((await proofOf(ledger)).isOk).toBe(true);
});
