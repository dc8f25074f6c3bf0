import { createTesseraClient, MeDocument, type TesseraClient, WalletsDocument } from '@tessera/sdk';
import { WebSocket } from 'ws';
import { minor } from './amounts.ts';
import { must, mustBe } from './failure.ts';

/** Somebody who is logged in. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly client: TesseraClient;
}

export interface Entrance {
  readonly url: string;
  readonly password: string;
}

export async function logIn(email: string, { url, password }: Entrance): Promise<Person> {
  const client = createTesseraClient({ url, clientName: 'demo', webSocket: WebSocket });
  mustBe(await client.session.open({ email, password }), 'SessionOpened', `Log in as ${email}`);
  const { me } = (await client.query(MeDocument, {})).data;
  must(me, `${email} is logged in, so "me" must not be null.`);
  return { id: me.id, name: me.displayName, email, client };
}

export type WalletView = Awaited<ReturnType<typeof walletIn>>;

/** The person's open wallet in this currency; the fullest, where there are several. */
export async function walletIn(currency: string, { client, email }: Person) {
  const { me } = (await client.query(WalletsDocument, {})).data;
  const open = (me?.wallets ?? []).filter((wallet) => wallet.currency === currency && !wallet.isClosed);
  const [fullest] = open.sort((a, b) => Number(minor(b.available) - minor(a.available)));
  must(fullest, `${email} has no open wallet in ${currency}.`);
  return fullest;
}
