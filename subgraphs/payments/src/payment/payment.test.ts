import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide, MAX_ATTEMPTS, mayRetry, type PaymentFacts, type Signal } from './payment.ts';

const aPayment = (facts: Partial<PaymentFacts> = {}): PaymentFacts => ({ state: 'PENDING', wish: 'NONE', isAsked: true, ...facts });
const VOID: Signal = { kind: 'VOID_WANTED', reason: 'ORDER_EXPIRED' };
const REFUSED: Signal = { kind: 'REFUSED', reason: 'INSUFFICIENT_FUNDS' };

describe('a payment from the hold to the capture', () => {
  it('is authorised once the hold is placed, and tells', () => {
    expect(decide(aPayment(), { kind: 'AUTHORISED' })).toMatchObject({
      state: 'AUTHORISED',
      tell: 'PaymentAuthorised',
      attempt: 'SUCCEEDED',
      ask: null,
    });
  });

  it('fails with the reason of the refusal', () => {
    expect(decide(aPayment(), REFUSED)).toMatchObject({
      state: 'FAILED',
      reason: 'INSUFFICIENT_FUNDS',
      tell: 'PaymentFailed',
      attempt: 'FAILED',
    });
  });

  it('asks for the capture once, and is captured by the answer', () => {
    const asked = decide(aPayment({ state: 'AUTHORISED' }), { kind: 'CAPTURE_WANTED' });
    expect(asked).toMatchObject({ state: 'AUTHORISED', wish: 'CAPTURE', ask: 'CAPTURE', tell: null });
    expect(decide(aPayment({ state: 'AUTHORISED', wish: 'CAPTURE' }), { kind: 'CAPTURE_WANTED' })).toBeNull();
    expect(decide(aPayment({ state: 'AUTHORISED', wish: 'CAPTURE' }), { kind: 'CAPTURED' })).toMatchObject({
      state: 'CAPTURED',
      wish: 'NONE',
      tell: 'PaymentCaptured',
    });
  });

  it('keeps a capture that overtook the hold, and asks for it then', () => {
    expect(decide(aPayment(), { kind: 'CAPTURE_WANTED' })).toMatchObject({ state: 'PENDING', wish: 'CAPTURE', ask: null });
    expect(decide(aPayment({ wish: 'CAPTURE' }), { kind: 'AUTHORISED' })).toMatchObject({ ask: 'CAPTURE', tell: 'PaymentAuthorised' });
  });

  it('is captured although the answer about the hold has not arrived', () => {
    expect(decide(aPayment(), { kind: 'CAPTURED' })).toMatchObject({ state: 'CAPTURED', tell: 'PaymentCaptured' });
    expect(decide(aPayment({ state: 'CAPTURED' }), { kind: 'AUTHORISED' })).toBeNull();
  });

  it('fails when the hold lapses before the capture', () => {
    expect(decide(aPayment({ state: 'AUTHORISED' }), { kind: 'EXPIRED' })).toMatchObject({
      state: 'FAILED',
      reason: 'HOLD_EXPIRED',
      tell: 'PaymentFailed',
    });
    expect(decide(aPayment({ state: 'FAILED' }), { kind: 'CAPTURE_WANTED' })).toBeNull();
  });

  it('asks for a person when the ledger refuses the capture of an open hold', () => {
    const refused: Signal = { kind: 'CAPTURE_REFUSED', reason: 'ACCOUNT_CLOSED' };
    expect(decide(aPayment({ state: 'AUTHORISED', wish: 'CAPTURE' }), refused)).toMatchObject({
      state: 'AUTHORISED',
      wish: 'CAPTURE_REFUSED',
      alarm: 'ACCOUNT_CLOSED',
      tell: null,
    });
  });
});

describe('voiding a payment', () => {
  it('asks for the hold back', () => {
    expect(decide(aPayment({ state: 'AUTHORISED' }), VOID)).toMatchObject({ state: 'AUTHORISED', wish: 'VOID', ask: 'VOID', tell: null });
    expect(decide(aPayment({ state: 'AUTHORISED', wish: 'VOID' }), { kind: 'VOIDED' })).toMatchObject({
      state: 'VOIDED',
      tell: 'PaymentVoided',
    });
  });

  it('waits for the answer about the hold, and then gives it back without telling that it was there', () => {
    expect(decide(aPayment(), VOID)).toMatchObject({ state: 'PENDING', wish: 'VOID', ask: null });
    expect(decide(aPayment({ wish: 'VOID' }), { kind: 'AUTHORISED' })).toMatchObject({ state: 'AUTHORISED', ask: 'VOID', tell: null });
    expect(decide(aPayment({ wish: 'VOID' }), REFUSED)).toMatchObject({ state: 'VOIDED', tell: 'PaymentVoided' });
  });

  it('ends an attempt at once that has asked nobody yet', () => {
    expect(decide(aPayment({ isAsked: false }), VOID)).toMatchObject({ state: 'VOIDED', tell: 'PaymentVoided', attempt: 'FAILED' });
  });

  it('loses against a capture that was asked for before, and beats one that comes after', () => {
    const kept = decide(aPayment({ state: 'AUTHORISED', wish: 'CAPTURE' }), VOID);
    expect(kept).toMatchObject({ state: 'AUTHORISED', wish: 'CAPTURE_ELSE_VOID', ask: null, tell: null });
    expect(decide(aPayment({ state: 'AUTHORISED', wish: 'CAPTURE_ELSE_VOID' }), VOID)).toBeNull();
    expect(decide(aPayment({ state: 'AUTHORISED', wish: 'CAPTURE_ELSE_VOID' }), { kind: 'CAPTURED' })).toMatchObject({
      state: 'CAPTURED',
      wish: 'NONE',
      tell: 'PaymentCaptured',
    });
    expect(decide(aPayment({ state: 'AUTHORISED', wish: 'VOID' }), { kind: 'CAPTURE_WANTED' })).toBeNull();
  });

  it('is remembered while the capture is under way, and asked for once that is refused', () => {
    const refused: Signal = { kind: 'CAPTURE_REFUSED', reason: 'ACCOUNT_CLOSED' };
    const facts = aPayment({ state: 'AUTHORISED', wish: 'CAPTURE_ELSE_VOID' });
    expect(decide(facts, refused)).toMatchObject({ state: 'AUTHORISED', wish: 'VOID', ask: 'VOID', alarm: null });
    expect(decide(facts, { kind: 'EXPIRED' })).toMatchObject({ state: 'VOIDED', tell: 'PaymentVoided' });
    expect(decide(facts, { kind: 'VOIDED' })).toMatchObject({ state: 'VOIDED', reason: null });
  });

  it('asks for the hold back after a capture was refused, which is not asked for twice', () => {
    const facts = aPayment({ state: 'AUTHORISED', wish: 'CAPTURE_REFUSED' });
    expect(decide(facts, VOID)).toMatchObject({ state: 'AUTHORISED', wish: 'VOID', ask: 'VOID' });
    expect(decide(facts, { kind: 'CAPTURE_WANTED' })).toBeNull();
  });

  it('closes a failed payment, so that it is not tried again', () => {
    expect(decide(aPayment({ state: 'FAILED' }), VOID)).toMatchObject({ state: 'VOIDED', tell: 'PaymentVoided' });
  });

  it('counts a lapsed hold as voided', () => {
    expect(decide(aPayment({ state: 'AUTHORISED', wish: 'VOID' }), { kind: 'EXPIRED' })).toMatchObject({
      state: 'VOIDED',
      tell: 'PaymentVoided',
    });
  });
});

describe('whatever comes, in any order', () => {
  const signals: fc.Arbitrary<Signal> = fc.oneof(
    fc.constantFrom<Signal>(
      { kind: 'AUTHORISED' },
      { kind: 'CAPTURED' },
      { kind: 'VOIDED' },
      { kind: 'EXPIRED' },
      { kind: 'CAPTURE_WANTED' },
      VOID,
      REFUSED,
    ),
    fc.constantFrom<Signal>({ kind: 'CAPTURE_REFUSED', reason: 'X' }, { kind: 'VOID_REFUSED', reason: 'X' }),
  );
  const RANK = { PENDING: 0, REQUIRES_ACTION: 0, AUTHORISED: 1, FAILED: 2, CAPTURED: 3, VOIDED: 3 } as const;

  it('MUST only go forward, tell each fact once, never both capture and void, and ask for a void only while no capture is open', () => {
    fc.assert(
      fc.property(fc.array(signals, { maxLength: 30 }), fc.boolean(), (given, isAsked) => {
        let facts = aPayment({ isAsked });
        const told: string[] = [];
        let asked: 'CAPTURE' | 'CAPTURE_REFUSED' | 'VOID' | null = null;
        for (const signal of given) {
          const move = decide(facts, signal);
          if (!move) continue;
          expect(RANK[move.state]).toBeGreaterThanOrEqual(RANK[facts.state]);
          if (RANK[facts.state] === 3) expect(move.state).toBe(facts.state);
          if (move.tell) told.push(move.tell);
          if (signal.kind === 'CAPTURE_REFUSED' && asked === 'CAPTURE') asked = 'CAPTURE_REFUSED';
          if (move.ask) {
            expect(move.ask === 'CAPTURE' ? [null] : [null, 'CAPTURE_REFUSED']).toContain(asked);
            asked = move.ask;
          }
          facts = { ...facts, state: move.state, wish: move.wish };
        }
        expect(new Set(told).size).toBe(told.length);
        expect(told.includes('PaymentCaptured') && told.includes('PaymentVoided')).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('raises an alarm when the ledger tells two endings of one hold', () => {
    expect(decide(aPayment({ state: 'VOIDED' }), { kind: 'CAPTURED' })).toMatchObject({
      state: 'VOIDED',
      alarm: 'LEDGER_CONTRADICTION',
      tell: null,
    });
    expect(decide(aPayment({ state: 'CAPTURED' }), { kind: 'VOIDED' })).toMatchObject({
      state: 'CAPTURED',
      alarm: 'LEDGER_CONTRADICTION',
      tell: null,
    });
  });
});

describe('a payment that the customer makes at the provider', () => {
  it('waits for the customer, and tells once', () => {
    expect(decide(aPayment(), { kind: 'ACTION_REQUIRED' })).toMatchObject({
      state: 'REQUIRES_ACTION',
      tell: 'PaymentRequiresAction',
      attempt: 'REQUIRES_ACTION',
      ask: null,
    });
    expect(decide(aPayment({ state: 'REQUIRES_ACTION' }), { kind: 'ACTION_REQUIRED' })).toBeNull();
  });

  it('is closed again at once when its order has ended meanwhile, and nobody hears of the page', () => {
    expect(decide(aPayment({ wish: 'VOID' }), { kind: 'ACTION_REQUIRED' })).toMatchObject({
      state: 'REQUIRES_ACTION',
      ask: 'VOID',
      tell: null,
    });
  });

  it('is captured straight away, also when its end was wanted: that money goes back by refund', () => {
    for (const wish of ['NONE', 'VOID'] as const) {
      const move = decide(aPayment({ state: 'REQUIRES_ACTION', wish }), { kind: 'CAPTURED' });
      expect(move).toMatchObject({ state: 'CAPTURED', wish: 'NONE', tell: 'PaymentCaptured', attempt: 'SUCCEEDED' });
    }
  });

  it.each(['CAPTURED', 'FAILED', 'VOIDED', 'AUTHORISED'] as const)('takes no further action when it is %s', (state) => {
    expect(decide(aPayment({ state }), { kind: 'ACTION_REQUIRED' })).toBeNull();
  });
});

describe('trying again', () => {
  const deadline = new Date('2026-11-21T10:00:00.000Z');
  const before = new Date('2026-11-21T09:59:59.999Z');

  it('is for failed payments whose order still waits', () => {
    expect(mayRetry({ state: 'FAILED', deadline, attempts: 1 }, before)).toBe(true);
    expect(mayRetry({ state: 'FAILED', deadline, attempts: 1 }, deadline)).toBe(false);
    expect(mayRetry({ state: 'FAILED', deadline, attempts: MAX_ATTEMPTS }, before)).toBe(false);
  });

  it('is allowed while the customer has not paid at the page of the last attempt', () => {
    expect(mayRetry({ state: 'REQUIRES_ACTION', deadline, attempts: 1 }, before)).toBe(true);
  });

  it.each(['PENDING', 'AUTHORISED', 'CAPTURED', 'VOIDED'] as const)('is refused in state %s', (state) => {
    expect(mayRetry({ state, deadline, attempts: 1 }, before)).toBe(false);
  });
});
