import { buyByCard } from './card.ts';
import { CURRENCY } from './currency.ts';
import { type Entrance, logIn, type Person, walletIn } from './person.ts';
import type { Print } from './print.ts';
import { proveBooks, reconcile } from './proof.ts';
import { buy, revealUnit, showOrder } from './purchase.ts';
import { refill } from './refill.ts';
import { refundParts } from './refund.ts';
import { browse, fillCart } from './shop.ts';
import { topUp } from './top-up.ts';
import { sendMoney } from './transfer.ts';
import { settle, watchBalance, watchOrders } from './watch.ts';

export interface StoryOptions extends Entrance {
  readonly print: Print;
}

/** The story of a buyer and a friend on a running platform, new or used. @throws StoryFailure at the first thing that is not as it must be */
export async function playStory({ url, password, print }: StoryOptions): Promise<void> {
  const people: Person[] = [];
  const leaving = new AbortController();
  const enter = async (email: string): Promise<Person> => {
    const person = await logIn(email, { url, password });
    people.push(person);
    print.fact(`${person.name} <${person.email}> is logged in.`);
    return person;
  };

  try {
    print.step('Log in');
    const buyer = await enter('buyer@tessera.example');
    const friend = await enter('friend@tessera.example');
    const wallets = { buyer: await refill(buyer, enter, print), friend: await walletIn(CURRENCY, friend) };

    print.step('Open the live subscriptions');
    const orders = watchOrders(buyer, print, leaving.signal);
    const balances = { buyer: watchBalance(buyer, print, leaving.signal), friend: watchBalance(friend, print, leaving.signal) };
    await settle();
    print.fact('Following the orders of the buyer, and the balances of both.');

    print.step('Browse and search');
    const choice = await browse(buyer, enter, print);

    print.step('Fill the cart');
    const cart = await fillCart(buyer, [choice.physical, choice.digital], print);

    print.step('Quote, and pay from the wallet');
    const order = await buy({ buyer, cart, wallet: wallets.buyer, orders, balance: balances.buyer, print });

    print.step('The order, its payment and the money that it moved');
    const unit = await showOrder(buyer, order, print);

    print.step('Reveal the digital unit');
    await revealUnit(buyer, unit, print);

    print.step('Send money to the friend');
    await sendMoney({ buyer, friend, wallets, balances, print });

    print.step('Buy another piece, and pay it by card');
    const another = await fillCart(buyer, [choice.physical], print);
    const cardOrder = await buyByCard({ buyer, cart: another, orders, print });

    print.step('Top up the wallet by card');
    await topUp({ buyer, balance: balances.buyer, print });

    const admin = await enter('admin@tessera.example');
    if (cardOrder) {
      print.step('Refund a part to the card and a part to the wallet');
      await refundParts({ buyer, admin, order: cardOrder, balance: balances.buyer, print });

      print.step('Compare with the books of the card provider');
      await reconcile(admin, print);
    }

    print.step('Prove the books');
    await proveBooks(admin, print);

    print.end('Everything was as it must be.');
  } finally {
    leaving.abort();
    await Promise.all(people.map(({ client }) => client.close()));
  }
}
