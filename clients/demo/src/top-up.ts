import { randomUUID } from 'node:crypto';
import { TopUpCreateDocument, TopUpsDocument } from '@tessera/sdk';
import { minor, show, showMinor } from './amounts.ts';
import { payByPage } from './card.ts';
import { CURRENCY } from './currency.ts';
import { eventually } from './eventually.ts';
import { must, mustBe } from './failure.ts';
import { type Person, walletIn } from './person.ts';
import type { Print } from './print.ts';
import type { BalanceEvent, Watch } from './watch.ts';

const AMOUNT_MINOR = 2_500n;
const NEWEST = 5;

export interface TopUpParts {
  readonly buyer: Person;
  readonly balance: Watch<BalanceEvent>;
  readonly print: Print;
}

/** Puts money into the wallet by card, and sees it arrive. */
export async function topUp({ buyer, balance, print }: TopUpParts): Promise<void> {
  const wallet = await walletIn(CURRENCY, buyer);
  const input = { walletId: wallet.id, amount: { currency: CURRENCY, minor: String(AMOUNT_MINOR) } };
  const { topUpCreate } = (await buyer.client.mutate(TopUpCreateDocument, { input }, { idempotencyKey: randomUUID() })).data;
  if (topUpCreate.__typename === 'CardsNotAvailable') return print.fact('This platform takes no cards: skipped.');
  const created = mustBe(topUpCreate, 'TopUpCreated', 'Top up the wallet').topUp;
  must(created, 'The top-up must come with TopUpCreated.');
  print.fact(`A top-up of ${show(created.amount)} is begun: ${created.state}`);

  const open = await eventually(
    'the top-up can be paid',
    () => readTopUp(buyer, created.id),
    ({ clientAction, state }) => clientAction != null || state === 'FAILED',
  );
  if (!(await payByPage(open.clientAction?.url, open.failureReason, print))) return;
  const expected = minor(wallet.balance) + AMOUNT_MINOR;
  const event = await balance.until(
    'the money arrives in the wallet',
    ({ kind, transfer, balance: now }) => kind === 'TRANSFER_IN' && transfer?.code === 'TOP_UP' && minor(now) === expected,
  );
  const done = await eventually(
    'the top-up is captured',
    () => readTopUp(buyer, created.id),
    ({ state }) => state === 'CAPTURED',
  );
  print.fact(`${show(done.amount)} arrived: ${showMinor(minor(event.balance), event.balance)} are in the wallet.`);
}

async function readTopUp({ client }: Person, id: string) {
  const { me } = (await client.query(TopUpsDocument, { first: NEWEST })).data;
  const found = me?.topUps?.edges.find(({ node }) => node.id === id)?.node;
  must(found, 'The newest top-ups must hold the one that was just made.');
  return found;
}
