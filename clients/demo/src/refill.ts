import { PaymentsDocument, type PaymentsQuery, RefundCreateDocument } from '@tessera/sdk';
import { minor, show } from './amounts.ts';
import { CURRENCY } from './currency.ts';
import { eventually } from './eventually.ts';
import { mustBe, StoryFailure } from './failure.ts';
import { type Person, type WalletView, walletIn } from './person.ts';
import type { Print } from './print.ts';

/** Enough for the cheapest goods and the money for the friend. */
const NEEDED_MINOR = 20_000n;
const PAGE = 100;

type Payment = PaymentsQuery['payments']['edges'][number]['node'];

/** After many stories the wallet is empty: an administrator refunds earlier orders until there is enough for this one. */
export async function refill(buyer: Person, enter: (email: string) => Promise<Person>, print: Print): Promise<WalletView> {
  const wallet = await walletIn(CURRENCY, buyer);
  if (minor(wallet.available) >= NEEDED_MINOR) return wallet;
  print.fact(`${show(wallet.available)} are too little: an administrator refunds earlier orders.`);
  const admin = await enter('admin@tessera.example');
  const expected = minor(wallet.available) + (await refundEarlier(buyer, admin, NEEDED_MINOR - minor(wallet.available)));
  return refilled(buyer, expected);
}

/** Answers how much is on its way back. */
async function refundEarlier(buyer: Person, { client }: Person, missingMinor: bigint): Promise<bigint> {
  const where = { customerId: { eq: buyer.id }, state: { eq: 'CAPTURED' as const } };
  const { payments } = (await client.query(PaymentsDocument, { where, first: PAGE })).data;
  let coming = 0n;
  for (const payment of payments.edges.map(({ node }) => node).filter(isWhole)) {
    if (coming >= missingMinor) break;
    const input = { paymentId: payment.id, destination: 'WALLET' as const, reason: 'The demo starts over' };
    const { refundCreate } = (await client.mutate(RefundCreateDocument, { input }, { intent: `refund:${payment.id}` })).data;
    mustBe(refundCreate, 'RefundCreated', 'Refund an earlier order');
    coming += minor(payment.captured);
  }
  if (coming < missingMinor)
    throw new StoryFailure(`The wallet of ${buyer.email} is empty and there is nothing to refund: start over with "npm run reset".`);
  return coming;
}

/** A payment of an order, not a top-up, of which nothing went back yet. */
function isWhole({ amount, captured, order, refunds }: Payment): boolean {
  return order !== null && amount.currency === CURRENCY && minor(captured) > 0n && refunds.length === 0;
}

function refilled(buyer: Person, expectedMinor: bigint): Promise<WalletView> {
  return eventually(
    'the refunds have arrived',
    () => walletIn(CURRENCY, buyer),
    ({ available }) => minor(available) >= expectedMinor,
  );
}
