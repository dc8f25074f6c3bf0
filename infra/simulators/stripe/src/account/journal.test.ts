import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pay, sdkFor, startReceiver, startTestbed, WEBHOOK_SECRET } from '../../test/testbed.ts';
import { connectControl, type RunningSimulator, startSimulator } from '../index.ts';

const program = join(import.meta.dirname, '../main.ts');

describe('the journal', () => {
  let folder: string;
  let dataFile: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stripe-simulator-'));
    dataFile = join(folder, 'journal.jsonl');
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  /** The program on its own, and its address. */
  const launch = async (): Promise<{ url: string; child: ChildProcess }> => {
    const child = spawn(process.execPath, [program, '--port', '0', '--data-file', dataFile], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]; // piped above
    const url = /http:\/\/\S+/.exec(line.toString())?.[0] ?? '';
    return { url, child };
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = (await once(child, 'exit')) as [number | null]; // what node says
    return code;
  };

  it('keeps objects, answers of keys, and the course of ids over a kill -9', async () => {
    const first = await launch();
    const before = sdkFor({ url: first.url, secretKey: 'sk_test_simulator' });
    const intent = await pay(before, 'pm_card_visa', { metadata: { attempt: '1' } });
    const refund = await before.refunds.create({ payment_intent: intent.id, amount: 500 }, { idempotencyKey: 'r' });
    await end(first.child, 'SIGKILL');

    const second = await launch();
    const after = sdkFor({ url: second.url, secretKey: 'sk_test_simulator' });
    expect((await after.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
    expect((await after.refunds.create({ payment_intent: intent.id, amount: 500 }, { idempotencyKey: 'r' })).id).toBe(refund.id);
    expect((await pay(after)).id).not.toBe(intent.id);
    const { currencies } = await connectControl(second.url).books();
    expect(currencies.eur).toEqual({ charged: 5000, refunded: 500, disputed: 0, fees: 206, net: 4294 });
    expect(await end(second.child, 'SIGTERM')).toBe(0);
  });

  it('sends what was not delivered before the end', async () => {
    const receiver = await startReceiver();
    receiver.answer = () => 500;
    const options = { port: 0, dataFile, webhook: { url: receiver.url, secret: WEBHOOK_SECRET } };
    const first = await startSimulator(options);
    await sdkFor(first).customers.create();
    await first.control.advanceClock(0);
    await first.close();
    receiver.answer = () => 200;
    const second = await startSimulator(options);
    await second.control.advanceClock(5 * 60_000);
    expect(receiver.types()).toEqual(['customer.created', 'customer.created']);
    expect(await second.control.pendingDeliveries()).toBe(0);
    await second.close();
    await receiver.close();
  });

  it('keeps the clock, and leaves out a last line that was cut short', async () => {
    const first = await startSimulator({ port: 0, dataFile });
    await first.control.advanceClock(3_600_000);
    const customer = await sdkFor(first).customers.create();
    await first.close();
    appendFileSync(dataFile, '{"put":[["customer",{"id":"cus_torn"');
    const second = await startSimulator({ port: 0, dataFile });
    const { data } = await sdkFor(second).customers.list();
    expect(data.map(({ id }) => id)).toEqual([customer.id]);
    expect((await second.control.now()) - Date.now()).toBeGreaterThan(3_500_000);
    await second.control.reset();
    expect(readFileSync(dataFile, 'utf8')).toBe('');
    await second.close();
  });
});

describe('ids', () => {
  it('go on after a reset that keeps them, also over HTTP and a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stripe-simulator-'));
    const options = { port: 0, dataFile: join(folder, 'journal.jsonl'), webhook: { url: 'http://127.0.0.1:9/', secret: WEBHOOK_SECRET } };
    const seen: string[] = [];
    const payAndLook = async (simulator: RunningSimulator): Promise<void> => {
      const { id, latest_charge: charge } = await pay(sdkFor(simulator));
      const events = await simulator.control.events();
      seen.push(id, String(charge), ...events.map((event) => event.id));
    };
    const first = await startSimulator(options);
    await payAndLook(first);
    await first.control.hold('ALL');
    await first.control.advanceClock(3_600_000);
    await first.control.reset({ keepIds: true });
    expect(await first.control.events()).toEqual([]);
    expect((await first.control.books()).charges).toEqual([]);
    expect(await first.control.pendingDeliveries()).toBe(0);
    expect((await first.control.now()) - Date.now()).toBeLessThan(1000);
    await payAndLook(first);
    expect(await first.control.pendingDeliveries()).toBeGreaterThan(0); // the webhook is there, and nothing is held back
    await connectControl(first.url).reset({ keepIds: true });
    await first.close();

    const second = await startSimulator(options);
    expect((await second.control.books()).charges).toEqual([]);
    await payAndLook(second);
    expect(new Set(seen).size).toBe(seen.length);
    await connectControl(second.url).reset();
    expect((await pay(sdkFor(second))).id).toBe(seen[0]);
    await second.close();
    rmSync(folder, { recursive: true });
  });

  it('are the same for the same seed and others for another, in the shapes of Stripe', async () => {
    const idsOf = async (seed: number): Promise<string[]> => {
      const bed = await startTestbed({ seed });
      const { id, latest_charge: charge } = await pay(bed.stripe);
      const refund = await bed.stripe.refunds.create({ payment_intent: id });
      const events = await bed.control.events();
      await bed.control.reset();
      expect((await pay(bed.stripe)).id).toBe(id);
      await bed.close();
      return [id, String(charge), refund.id, ...events.map((event) => event.id)];
    };
    const [one, again, other] = await Promise.all([idsOf(1), idsOf(1), idsOf(2)]);
    expect(one).toEqual(again);
    expect(one.filter((id) => other?.includes(id))).toEqual([]);
    expect(one.slice(0, 4)).toEqual([
      expect.stringMatching(/^pi_\w{24}$/),
      expect.stringMatching(/^ch_\w{24}$/),
      expect.stringMatching(/^re_\w{24}$/),
      expect.stringMatching(/^evt_\w{24}$/),
    ]);
  });
});
