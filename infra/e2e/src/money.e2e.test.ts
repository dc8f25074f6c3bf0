import { beforeAll, expect, test } from '@jest/globals';
import { LedgerProofDocument, TransferCreateDocument } from '@tessera/sdk';
import { ask } from './graph/ask.ts';
import { availableOf, give, type Person, registerAll, seeded, walletOf } from './graph/people.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const PEOPLE = 6;
const DAY_MS = 86_400_000;
const EACH = 100n;
const TRANSFERS = 100;
/** A wallet can send it twice; whether a third time works depends on who paid before. */
const AMOUNT = 40n;
/** More than there is in the whole ring: some are refused in any case. */
const TOO_MUCH = EACH * BigInt(PEOPLE) + 1n;

let ring: Person[];

beforeAll(async () => {
  const buyer = await seeded('buyer', platform);
  ring = await registerAll(PEOPLE, platform);
  for (const person of ring) await give(buyer, person, EACH);
});

test('a hundred transfers at once round a ring of wallets neither make nor lose money', async () => {
  const wallets = await Promise.all(ring.map((person) => walletOf(person)));
  const outcomes = await Promise.all(
    Array.from({ length: TRANSFERS }, async (_, index) => {
      const from = index % PEOPLE;
      const step = 1 + (index % (PEOPLE - 1));
      const to = (from + step) % PEOPLE;
      const amount = index % 10 === 9 ? TOO_MUCH : AMOUNT;
      const input = {
        fromWalletId: wallets[from]?.id ?? '',
        to: { walletId: wallets[to]?.id ?? '' },
        amount: { currency: 'USD', minor: String(amount) },
      };
      const answer = await ring[from]?.client.mutate(TransferCreateDocument, { input });
      const isSent = answer?.data.transferCreate.__typename === 'TransferCreated';
      return { from, to, outcome: answer?.data.transferCreate.__typename, moved: isSent ? amount : 0n };
    }),
  );
  const balances = await Promise.all(ring.map((person) => availableOf(person)));

  expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['TransferCreated', 'InsufficientFunds']));
  expect(sum(balances)).toBe(EACH * BigInt(PEOPLE));
  expect(balances.filter((balance) => balance < 0n)).toEqual([]);
  for (const [index, balance] of balances.entries()) {
    const arrived = sum(outcomes.filter(({ to }) => to === index).map(({ moved }) => moved));
    const left = sum(outcomes.filter(({ from }) => from === index).map(({ moved }) => moved));
    expect(balance).toBe(EACH + arrived - left);
  }
});

test('the ledger proves its books after that', async () => {
  const admin = await seeded('admin', platform);
  const { ledgerProof } = (await admin.client.query(LedgerProofDocument, {})).data;
  expect(ledgerProof.checks.filter(({ isOk }) => !isOk)).toEqual([]);
  expect(ledgerProof.isOk).toBe(true);
});

test('a statement of all that is downloaded by its link alone, and adds up', async () => {
  const [person] = ring;
  if (!person) throw new Error('Nobody is in the ring.');
  const wallet = await walletOf(person);
  const query = `query ($id: ID!, $from: Date!, $to: Date!) { wallet(id: $id) { statement(from: $from, to: $to) {
    openingBalance { minor } closingBalance { minor } totalIn { minor } totalOut { minor } csvUrl pdfUrl } } }`;
  const day = (instantMs: number) => new Date(instantMs).toISOString().slice(0, 10);
  const variables = { id: wallet.id, from: day(Date.now() - DAY_MS), to: day(Date.now()) };
  interface Statement extends Readonly<Record<'openingBalance' | 'closingBalance' | 'totalIn' | 'totalOut', { readonly minor: string }>> {
    readonly csvUrl: string;
    readonly pdfUrl: string;
  }
  const { data } = await ask<{ wallet: { statement: Statement } }>(platform.url, { query, variables, token: person.accessToken });
  if (!data) throw new Error('There is no statement.');
  const { openingBalance, closingBalance, totalIn, totalOut, csvUrl, pdfUrl } = data.wallet.statement;
  expect(BigInt(openingBalance.minor) + BigInt(totalIn.minor) - BigInt(totalOut.minor)).toBe(BigInt(closingBalance.minor));
  expect(csvUrl.startsWith(`${platform.url}/statements/`)).toBe(true);
  const csv = await fetch(csvUrl);
  expect([csv.status, csv.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
  const rows = (await csv.text()).trimEnd().split('\r\n');
  expect(rows.at(-1)).toContain(`CLOSING_BALANCE`);
  const pdf = Buffer.from(await (await fetch(pdfUrl)).arrayBuffer());
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect((await fetch(csvUrl.replace('token=', 'token=x'))).status).toBe(403);
});

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
