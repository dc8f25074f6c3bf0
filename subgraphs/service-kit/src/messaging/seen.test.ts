import { describe, expect, test } from '@jest/globals';
import { newId } from '../ids/index.ts';
import type { CommittedEvent } from './event.ts';
import { MAX_SEEN_EVENTS, readSeen, signSeen } from './seen.ts';

const SECRET = 'a secret of this test';
const NOW_MS = 1_700_000_000_000;
const some = (count: number): CommittedEvent[] => Array.from({ length: count }, () => ({ id: newId('event'), type: 'OrderPlaced' }));
const read = (header: string, nowMs = NOW_MS) => readSeen(header, SECRET, nowMs);

describe('a seen token', () => {
  test('carries the events of an answer, several tokens those of several', () => {
    const [one, two] = [some(3), some(2)];
    const header = `${signSeen(one, SECRET, NOW_MS)}, ${signSeen(two, SECRET, NOW_MS)},${signSeen(one, SECRET, NOW_MS)}`;
    expect(read(header)).toEqual([...one, ...two]);
  });

  test('holds the last sixteen and stays small', () => {
    const events = some(40);
    const token = signSeen(events, SECRET, NOW_MS);
    expect(read(token)).toEqual(events.slice(-MAX_SEEN_EVENTS));
    expect(token.length).toBeLessThan(2_048);
  });

  test('of the longest legitimate ids and types is not refused for its size', () => {
    const events = Array.from({ length: MAX_SEEN_EVENTS }, (_, index) => ({
      id: `0f0f0f0f-0000-5000-8000-0000000000${index + 10}`,
      type: 'OrderPaymentChanged' as const,
    }));
    expect(read(signSeen(events, SECRET, NOW_MS))).toHaveLength(MAX_SEEN_EVENTS);
  });

  test('that is forged counts as absent, alone, and the others still count', () => {
    const events = some(1);
    const good = signSeen(events, SECRET, NOW_MS);
    const [body, mac] = good.split('.');
    const otherBody = Buffer.from(JSON.stringify({ at: NOW_MS, events: [['evt_invented', 'OrderPlaced']] })).toString('base64url');
    for (const forged of [
      signSeen(events, 'another secret', NOW_MS),
      `${otherBody}.${mac}`,
      `${body}.`,
      `.${mac}`,
      `${body}`,
      `${body}.${mac}x`,
      `${good}.x`,
      'x.y',
      ',,,',
      '🙂.🙂',
    ]) {
      expect(read(forged)).toEqual([]);
      expect(read(`${forged},${good}`)).toEqual(events);
    }
  });

  test('expires after a minute and is not accepted from the future', () => {
    const token = signSeen(some(1), SECRET, NOW_MS);
    expect(read(token, NOW_MS + 60_000)).toHaveLength(1);
    expect(read(token, NOW_MS + 60_001)).toEqual([]);
    expect(read(token, NOW_MS - 5_001)).toEqual([]);
  });

  test('in a header that is too long, or with too many tokens, counts as absent', () => {
    const token = signSeen(some(1), SECRET, NOW_MS);
    expect(read(`${token},${'x'.repeat(8_192)}`)).toEqual([]);
    expect(read(Array.from({ length: 9 }, () => token).join(','))).toEqual([]);
    expect(readSeen(null, SECRET)).toEqual([]);
    expect(readSeen(undefined, SECRET)).toEqual([]);
  });

  test('names no event of an unknown type', () => {
    const strange = [{ id: 'evt_1', type: 'constructor' }] as unknown as CommittedEvent[];
    expect(read(signSeen(strange, SECRET, NOW_MS))).toEqual([]);
  });
});
