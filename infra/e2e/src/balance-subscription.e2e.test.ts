import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BalanceUpdatedDocument, createTesseraClient } from '@tessera/sdk';
import { WebSocket } from 'ws';
import { eventually } from './graph/eventually.ts';
import { BALANCES, type BalanceEvent, type Frame, isGapless } from './graph/live-events.ts';
import { type LiveSocket, openSocket, type Received } from './graph/live-socket.ts';
import { must } from './graph/must.ts';
import { availableOf, give, type Person, register, seeded, walletOf } from './graph/people.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const FUNDS = 10_000n;

let alice: Person;
let bob: Person;

let sockets: LiveSocket[] = [];

beforeAll(async () => {
  const bank = await seeded('buyer', platform);

  [alice, bob] = await Promise.all([register(platform), register(platform)]);
  await Promise.all([give(bank, alice, FUNDS), give(bank, bob, FUNDS)]);
});

afterEach(() => {
  for (const socket of sockets) socket.close();
  sockets = [];
});

async function socketOf(person?: Person): Promise<LiveSocket> {
  const socket = await openSocket(platform.url, person?.accessToken);
  sockets.push(socket);
  return socket;
}

/** The protocol does not answer a subscribe: money moves until the first event tells that it is followed. */
async function followed(received: Received<Frame<BalanceEvent>>): Promise<void> {
  await eventually(
    async () => give(bob, alice, 1n),
    () => received.events.length > 0,
  );
}

const sequencesOf = ({ events }: Received<Frame<BalanceEvent>>) => events.map(({ data }) => must(data, 'data').balanceUpdated.sequence);

describe('balanceUpdated', () => {
  test('tells every movement once, in order, with the balance after it', async () => {
    const received = (await socketOf(alice)).subscribe<Frame<BalanceEvent>>(BALANCES, { walletId: (await walletOf(alice)).id });
    await followed(received);
    const balance = await availableOf(alice);
    for (const minor of [3n, 5n, 7n]) await give(bob, alice, minor);
    await give(alice, bob, 4n);
    const moved = () =>
      received.events.flatMap(({ data }) => (data && data.balanceUpdated.transfer?.amount.minor !== '1' ? [data.balanceUpdated] : []));
    await eventually(
      async () => moved().length,
      (count) => count >= 4,
    );

    expect(moved().map(({ kind, transfer }) => [kind, transfer?.amount.minor])).toEqual([
      ['TRANSFER_IN', '3'],
      ['TRANSFER_IN', '5'],
      ['TRANSFER_IN', '7'],
      ['TRANSFER_OUT', '4'],
    ]);
    expect(moved().map(({ balance: after }) => BigInt(after.minor) - balance)).toEqual([3n, 8n, 15n, 11n]);
    expect(isGapless(sequencesOf(received))).toBe(true);
  });

  test('of somebody else is refused', async () => {
    const received = (await socketOf(bob)).subscribe<Frame<BalanceEvent>>(BALANCES, { walletId: (await walletOf(alice)).id });
    const faults = await eventually(
      async () => received.faults,
      (all) => all.length > 0,
    );
    expect(faults.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
  });

  test('goes on behind the last event after the line was cut again and again, without loss or repetition', async () => {
    const walletId = (await walletOf(alice)).id;
    const seen: BalanceEvent['balanceUpdated'][] = [];
    const moving = (async () => {
      for (let count = 0; count < 40; count += 1) await give(bob, alice, 1n);
    })();
    let isDone = false;
    void moving.then(() => {
      isDone = true;
    });
    const first = (await socketOf(alice)).subscribe<Frame<BalanceEvent>>(BALANCES, { walletId });
    await eventually(
      async () => first.events.length,
      (count) => count > 0,
    );
    const start = sequencesOf(first)[0] ?? 0;
    seen.push(...first.events.map(({ data }) => must(data, 'data').balanceUpdated));
    sockets[0]?.cut();
    while (!isDone) await readSome(walletId, seen, 3);
    const end = must((await tail(walletId)).at(-1), 'a last event').sequence;
    await eventually(
      () => readSome(walletId, seen, 1),
      () => (seen.at(-1)?.sequence ?? 0) >= end,
    );

    const sequences = seen.map(({ sequence }) => sequence);
    expect(sequences[0]).toBe(start);
    expect(sequences.at(-1)).toBeGreaterThanOrEqual(end);
    expect(sequences.length).toBeGreaterThan(20); // some of the 40 came before the first line was there
    expect(isGapless(sequences)).toBe(true);
    expect(seen.some(({ isReplayed }) => isReplayed)).toBe(true);
    expect(seen.map(({ kind }) => kind)).not.toContain('RESYNC');
  });

  /** A line of its own that is cut after so many events. */
  async function readSome(walletId: string, seen: BalanceEvent['balanceUpdated'][], count: number): Promise<void> {
    const socket = await socketOf(alice);
    const received = socket.subscribe<Frame<BalanceEvent>>(BALANCES, { walletId, after: seen.at(-1)?.cursor });
    await eventually(
      async () => received.events.length,
      (arrived) => arrived >= count,
      1_500,
    ).catch(() => undefined); // there may be no more
    socket.cut();
    seen.push(...received.events.map(({ data }) => must(data, 'data').balanceUpdated));
  }

  /** One more movement, to know how far the sequence has come. */
  async function tail(walletId: string): Promise<BalanceEvent['balanceUpdated'][]> {
    const received = (await socketOf(alice)).subscribe<Frame<BalanceEvent>>(BALANCES, { walletId });
    await followed(received);
    return received.events.map(({ data }) => must(data, 'data').balanceUpdated);
  }

  test('goes on by itself in the SDK when its connection is lost', async () => {
    const lines: WebSocket[] = [];
    class KnownSocket extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        lines.push(this);
      }
    }
    const client = createTesseraClient({ url: platform.url, clientName: 'e2e', webSocket: KnownSocket });
    await client.session.open({ email: alice.email, password: alice.password });
    const ending = new AbortController();
    const sequences: number[] = [];
    const listening = (async () => {
      for await (const { data } of client.subscribe(BalanceUpdatedDocument, {}, { signal: ending.signal }))
        sequences.push(data.balanceUpdated.sequence);
    })().catch((error: unknown) => error);
    await eventually(
      () => give(bob, alice, 1n),
      () => sequences.length > 0,
    );
    const [start = 0] = sequences;
    for (let count = 0; count < 12; count += 1) {
      await give(bob, alice, 1n);
      if (count % 4 !== 1) continue;
      const before = lines.length;
      lines.at(-1)?.terminate();
      await give(bob, alice, 1n); // while there is no line
      await eventually(
        async () => lines.length,
        (known) => known > before,
      );
    }
    await eventually(
      async () => sequences.length,
      (count) => count >= 16,
    );
    ending.abort();
    await client.close();
    await listening;

    expect(lines.length).toBeGreaterThan(2);
    expect(isGapless(sequences)).toBe(true);
    expect(sequences[0]).toBe(start);
  });
});
