import { randomUUID } from 'node:crypto';
import { SEED_PASSWORD } from '@tessera/local';
import {
  createTesseraClient,
  EmailVerifyDocument,
  MeDocument,
  type TesseraClient,
  TransferCreateDocument,
  UserRegisterDocument,
  WalletsDocument,
} from '@tessera/sdk';
import { WebSocket } from 'ws';
import type { Platform } from '../platform/platform.ts';
import { eventually } from './eventually.ts';
import { must, mustBe } from './must.ts';

const PASSWORD = 'violet-anchor-meadow-42';
const CURRENCY = 'USD';

type Entrance = Pick<Platform, 'url' | 'mailboxUrl'>;

/** Somebody who is logged in, through the client that other people use as well. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly client: TesseraClient;
}

/** One of the seeded accounts, by the first part of its address. */
export function seeded(name: 'buyer' | 'friend' | 'vendor' | 'vendor2' | 'vendor3' | 'admin', entrance: Entrance): Promise<Person> {
  return logIn({ email: `${name}@tessera.example`, password: SEED_PASSWORD }, entrance);
}

export async function logIn(
  { email, password }: { readonly email: string; readonly password: string },
  { url }: Entrance,
): Promise<Person> {
  const client = createTesseraClient({ url, clientName: 'e2e', webSocket: WebSocket });
  const { accessToken } = mustBe(await client.session.open({ email, password }), 'SessionOpened');
  const me = must((await client.query(MeDocument, {})).data.me, 'somebody who is logged in');
  return { id: me.id, email, password, accessToken, client };
}

/** Somebody new, all the way that people go: registration, a code by mail, verification, log-in. */
export async function register(entrance: Entrance, name = 'Newcomer'): Promise<Person> {
  const email = `e2e-${randomUUID()}@tessera.example`;
  const visitor = createTesseraClient({ url: entrance.url, clientName: 'e2e' });
  const input = { email, password: PASSWORD, displayName: name };
  mustBe((await visitor.mutate(UserRegisterDocument, { input })).data.userRegister, 'RegistrationAccepted');
  const code = await codeFor(email, entrance);
  mustBe((await visitor.mutate(EmailVerifyDocument, { input: { email, code } })).data.emailVerify, 'EmailVerified');
  return logIn({ email, password: PASSWORD }, entrance);
}

/** The code in the newest letter to this address. */
export async function codeFor(email: string, { mailboxUrl }: Entrance): Promise<string> {
  const look = async () => {
    const response = await fetch(`${mailboxUrl}/api/messages?to=${encodeURIComponent(email)}`);
    const { messages } = (await response.json()) as { readonly messages: readonly { readonly text: string }[] }; // the mailbox's own API
    return /\bcode is (\d+)/.exec(messages[0]?.text ?? '')?.[1] ?? null;
  };
  return must(await eventually(look, (code) => code !== null), 'a code in the mail');
}

export async function registerAll(count: number, entrance: Entrance): Promise<Person[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => register(entrance, `Newcomer ${index + 1}`)));
}

/** The person's wallet in this currency; a new account's first one is opened by an event. */
export async function walletOf({ client, email }: Person, currency = CURRENCY) {
  const look = async () =>
    ((await client.query(WalletsDocument, {})).data.me?.wallets ?? []).find((wallet) => wallet.currency === currency && !wallet.isClosed);
  return must(await eventually(look, (wallet) => wallet !== undefined), `a wallet in ${currency} of ${email}`);
}

export async function availableOf(person: Person, currency = CURRENCY): Promise<bigint> {
  return BigInt((await walletOf(person, currency)).available.minor);
}

/** Money from one person to another; answers the id of the transfer. */
export async function give(from: Person, to: Person, minor: bigint, currency = CURRENCY): Promise<string> {
  const [source, target] = await Promise.all([walletOf(from, currency), walletOf(to, currency)]);
  const input = { fromWalletId: source.id, to: { walletId: target.id }, amount: { currency, minor: String(minor) } };
  const { transfer } = mustBe((await from.client.mutate(TransferCreateDocument, { input })).data.transferCreate, 'TransferCreated');
  return must(transfer, 'a transfer').id;
}
