import { randomUUID } from 'node:crypto';
import { TransferCreateDocument } from '@tessera/sdk';
import { minor, show } from './amounts.ts';
import { must, mustBe } from './failure.ts';
import { type Person, type WalletView, walletIn } from './person.ts';
import type { Print } from './print.ts';
import type { BalanceEvent, Watch } from './watch.ts';

const AMOUNT_MINOR = 500n;

interface Both<T> {
  readonly buyer: T;
  readonly friend: T;
}

export interface SendMoneyParts extends Both<Person> {
  readonly wallets: Both<WalletView>;
  readonly balances: Both<Watch<BalanceEvent>>;
  readonly print: Print;
}

/** Money goes to the friend once, both see it live, and neither a retry nor a changed request moves it again. */
export async function sendMoney({ buyer, friend, wallets, balances, print }: SendMoneyParts): Promise<void> {
  const { currency } = wallets.buyer;
  const before = { buyer: await walletIn(currency, buyer), friend: await walletIn(currency, friend) };
  const idempotencyKey = randomUUID();
  const send = (amountMinor: bigint) =>
    buyer.client.mutate(
      TransferCreateDocument,
      {
        input: {
          fromWalletId: before.buyer.id,
          to: { email: friend.email },
          amount: { currency, minor: String(amountMinor) },
          note: 'Half of the pizza',
        },
      },
      { idempotencyKey },
    );

  const first = await send(AMOUNT_MINOR);
  const { transfer } = mustBe(first.data.transferCreate, 'TransferCreated', 'Send money');
  must(transfer && transfer.state === 'POSTED', 'A created transfer must be posted.');
  must(!first.isReplayed, 'The first transfer must not be a replay.');
  print.fact(`${buyer.name} sends ${show(transfer.amount)} to ${friend.email}: ${transfer.id}`);

  const out = await balances.buyer.until('money leaves the buyer', (event) => event.transfer?.id === transfer.id);
  const into = await balances.friend.until('money reaches the friend', (event) => event.transfer?.id === transfer.id);
  must(
    out.kind === 'TRANSFER_OUT' && minor(out.balance) === minor(before.buyer.balance) - AMOUNT_MINOR,
    'The balance of the buyer must fall by the amount.',
  );
  must(into.kind === 'TRANSFER_IN', 'The friend must receive the money.');

  const again = await send(AMOUNT_MINOR);
  const replayed = mustBe(again.data.transferCreate, 'TransferCreated', 'Send the same request again');
  must(again.isReplayed && replayed.transfer?.id === transfer.id, 'The same key must answer the first transfer again, and say so.');
  print.fact(`The same request with the same key: replayed, still ${replayed.transfer.id}`);

  const changed = await send(AMOUNT_MINOR * 2n);
  const refusal = mustBe(changed.data.transferCreate, 'IdempotencyKeyReused', 'Send another amount with the same key');
  must(
    refusal.differingFields.some((path) => path.endsWith('amount.minor')),
    'The refusal must name the field that differs.',
  );
  print.fact(`Another amount with the same key: ${refusal.__typename}, differs in ${refusal.differingFields.join(', ')}`);

  const after = { buyer: await walletIn(currency, buyer), friend: await walletIn(currency, friend) };
  must(minor(after.buyer.balance) === minor(before.buyer.balance) - AMOUNT_MINOR, 'The buyer must have paid exactly once.');
  must(minor(after.friend.balance) === minor(before.friend.balance) + AMOUNT_MINOR, 'The friend must have received exactly once.');
  print.fact(`Balances: ${buyer.name} ${show(after.buyer.balance)}, ${friend.name} ${show(after.friend.balance)}`);
}
