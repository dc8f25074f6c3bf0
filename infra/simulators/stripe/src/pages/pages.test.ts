import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { checkout, pay, startTestbed, type Testbed } from '../../test/testbed.ts';
import { html } from './html.ts';

describe('the pages', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  beforeEach(() => bed.control.reset());
  afterAll(() => bed.close());

  const get = async (path: string): Promise<string> => (await fetch(new URL(path, bed.simulator.url))).text();
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(new URL(path, bed.simulator.url), { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' });
  const CARD = { number: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123', name: 'Ada', email: 'ada@example.com' };

  it('lets a person pay by form, and sends them back to the shop', async () => {
    const session = await checkout(bed.stripe);
    const path = new URL(session.url ?? '').pathname;
    expect(await get(path)).toContain('Pay €25.00');
    const answer = await post(path, { ...CARD, action: 'PAY' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${path}?returning=1`]);
    const back = await get(`${path}?returning=1`);
    expect(back).toContain(`content="1;url=http://shop.example/done?session=${session.id}"`);
    expect(await get(path)).toContain('This was paid already');
    expect(await bed.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'complete',
      customer_details: { name: 'Ada' },
    });
  });

  it.each([
    ['DECLINE', 'Your card was declined.'],
    ['INSUFFICIENT_FUNDS', 'Your card has insufficient funds.'],
  ])('shows the reason of %s and lets one try again', async (action, message) => {
    const { id } = await checkout(bed.stripe);
    await post(`/c/pay/${id}`, { ...CARD, action });
    const page = await get(`/c/pay/${id}`);
    expect(page).toContain(message);
    expect(page).toContain('You can try again.');
  });

  it('keeps what was typed when the number is wrong', async () => {
    const { id } = await checkout(bed.stripe);
    const page = await (await post(`/c/pay/${id}`, { ...CARD, number: '4242 4242 4242 4241', action: 'PAY' })).text();
    expect(page).toContain('Your card number is incorrect.');
    expect(page).toContain('value="4242 4242 4242 4241"');
  });

  it.each([
    ['COMPLETE', 'Authentication complete', 'complete'],
    ['FAIL', 'Not authenticated', 'open'],
  ])('goes over the 3-D Secure page with %s', async (answer, title, status) => {
    const { id } = await checkout(bed.stripe);
    const asked = await post(`/c/pay/${id}`, { ...CARD, action: 'THREE_D_SECURE' });
    const path = asked.headers.get('location') ?? '';
    expect(await get(path)).toContain('Your bank wants to know that it is you.');
    await post(path, { answer });
    expect(await get(path)).toContain(title);
    expect((await bed.stripe.checkout.sessions.retrieve(id)).status).toBe(status);
  });

  it('tells the shop by redirect_status how an authentication of its own intent ended', async () => {
    const intent = await pay(bed.stripe, 'pm_card_threeDSecure2Required', { return_url: 'http://shop.example/back?cart=1' });
    await post(`/3d-secure/${intent.id}`, { answer: 'FAIL' });
    const page = await get(`/3d-secure/${intent.id}`);
    expect(page).toContain(`http://shop.example/back?cart=1&#38;payment_intent=${intent.id}`);
    expect(page).toContain('redirect_status=failed');
  });

  it('shows progress while the bank is slow', async () => {
    const { id } = await checkout(bed.stripe);
    await post(`/c/pay/${id}`, { ...CARD, action: 'SLOW' });
    expect(await get(`/c/pay/${id}`)).toContain('Your bank is thinking');
    await bed.control.advanceClock(5000);
    expect(await get(`/c/pay/${id}?returning=1`)).toContain('Payment successful');
  });

  it('leaves to the shop without paying', async () => {
    const { id } = await checkout(bed.stripe);
    expect(await (await post(`/c/pay/${id}`, { ...CARD, action: 'LEAVE' })).text()).toContain('url=http://shop.example/cart');
    expect(await bed.control.abandonCheckoutSession(id)).toEqual({ cancelUrl: 'http://shop.example/cart' });
    expect((await bed.stripe.checkout.sessions.retrieve(id)).status).toBe('open');
  });

  it('takes no payment for an expired session', async () => {
    const { id } = await checkout(bed.stripe);
    await bed.stripe.checkout.sessions.expire(id);
    await post(`/c/pay/${id}`, { ...CARD, action: 'PAY' });
    expect(await get(`/c/pay/${id}`)).toContain('This checkout has expired');
    expect((await bed.control.books()).charges).toEqual([]);
  });

  it('have no foreign resource, and escape what others wrote', async () => {
    const price = { currency: 'eur', unit_amount: 900, product_data: { name: '<script>alert(1)</script>"' } };
    const { id } = await checkout(bed.stripe, { line_items: [{ price_data: price, quantity: 1 }] });
    const response = await fetch(`${bed.simulator.url}/c/pay/${id}`);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await response.text();
    expect(page).toContain('&#60;script&#62;alert(1)&#60;/script&#62;&#34;');
    expect(page).not.toMatch(/<script|(src|href)="(https?:)?\/\/(?!shop)/);
    expect(html`<p title="${'"'}">${['<', html`<b>`, null, false, 0]}</p>`.markup).toBe('<p title="&#34;">&#60;<b>0</p>');
  });

  it('refuse a form of another site', async () => {
    const answer = await post('/actions/reset', {}, { origin: 'http://evil.example' });
    expect(answer.status).toBe(403);
    expect((await post('/actions/reset', { back: 'http://evil.example' }, { origin: bed.simulator.url })).headers.get('location')).toBe(
      '/',
    );
  });

  it('show what is there on the dashboard, and that nothing is there', async () => {
    expect(await get('/')).toContain('No payments yet.');
    const intent = await pay(bed.stripe);
    await bed.deliver();
    const overview = await get('/');
    for (const text of ['€25.00', 'Visa •••• 4242 (US)', 'payment_intent.succeeded', 'Delivered', 'Fault plan'])
      expect(overview).toContain(text);
    expect(await get(`/payments/${intent.id}`)).toContain('Nothing was refunded.');
    expect((await fetch(`${bed.simulator.url}/payments/pi_none`)).status).toBe(404);
  });

  it('fold the fault plan, and show the newest 10 events with a link to all', async () => {
    for (let count = 0; count < 102; count += 1) await bed.stripe.customers.create();
    const shown = (page: string): string[] => [...page.matchAll(/<li id="(evt_\w+)">/g)].map(([, id = '']) => id);
    const newestFirst = (await bed.control.events()).map(({ id }) => id).reverse();
    const overview = await get('/');
    expect(shown(overview)).toEqual(newestFirst.slice(0, 10));
    expect(await get('/assets/simulator.css')).not.toMatch(/\.badge\{[^}]*min-width/);
    expect(overview).toContain('<a href="/events">All 102 events</a>');
    expect(overview).toMatch(/<details class="fold"><summary><h2>Fault plan<\/h2>.*all off/);
    const page = await get('/events');
    expect(shown(page)).toEqual(newestFirst.slice(0, 100));
    const older = `/events?before=${newestFirst[99]}`;
    expect(page).toContain(`href="${older}"`);
    expect(shown(await get(older))).toEqual(newestFirst.slice(100));
    expect((await post(`/actions/resend/${newestFirst[101]}`, { back: older })).headers.get('location')).toBe(older);
    await bed.control.setFaults({ lostResponse: 0.5 });
    expect(await get('/')).toContain('on: lostResponse');
  });

  it('reset everything but the ids, and say so', async () => {
    const before = await pay(bed.stripe);
    const overview = await get('/');
    for (const text of ['no id comes a second time', 'Payments under way in a shop stay behind']) expect(overview).toContain(text);
    await post('/actions/reset', {});
    expect(await bed.control.events()).toEqual([]);
    expect((await pay(bed.stripe)).id).not.toBe(before.id);
  });

  it('act: refund, dispute, webhooks, faults, clock, reset', async () => {
    const intent = await pay(bed.stripe);
    const charge = String(intent.latest_charge);
    await post(`/actions/refund/${charge}`, { amount: '1000' });
    await post(`/actions/dispute/${charge}`, {});
    const { disputes, refunds } = await bed.control.books();
    expect([refunds[0]?.amount, disputes[0]?.amount]).toEqual([1000, 1500]);
    await post(`/actions/dispute-won/${disputes[0]?.id}`, {});
    await post(`/actions/refund-fails/${refunds[0]?.id}`, {});
    expect((await bed.control.books()).currencies.eur).toMatchObject({ refunded: 0, disputed: 0 });
    const event = (await bed.control.events())[0]?.id;
    for (const action of [`hold/${event}`, `release/${event}`, `resend/${event}`, `resend-twice/${event}`, `forge/${event}`]) {
      expect((await post(`/actions/${action}`, { back: '/' })).status).toBe(303);
    }
    await post('/actions/faults', { lostResponse: '0.25', 'latencyMs.probability': '0.5', 'latencyMs.max': '20' });
    expect(await bed.control.faults()).toMatchObject({ lostResponse: 0.25, latencyMs: { probability: 0.5, min: 0, max: 20 } });
    expect((await post('/actions/faults', { reset: '7' })).status).toBe(400);
    const now = await bed.control.now();
    await post('/actions/clock', { ms: '3600000' });
    expect(await bed.control.now()).toBeGreaterThanOrEqual(now + 3_600_000);
    await post('/actions/reset', {});
    expect((await bed.control.books()).charges).toEqual([]);
  });
});
