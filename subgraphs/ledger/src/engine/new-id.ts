import { randomFillSync } from 'node:crypto';
import { ID_PREFIXES, type IdKind } from '@tessera/schema/contract';

/** Crockford's alphabet, as TypeIDs use it. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const PAIRS = Array.from({ length: 1_024 }, (_, bits) => `${ALPHABET[bits >> 5]}${ALPHABET[bits & 31]}`);
const TIME_CHARACTERS = 10;
const RANDOM_BYTES = 8;
const POOL_IDS = 1_024;
/** Ids of one millisecond; those beyond it borrow from the next. */
const MAX_COUNT = 4_095;

const pool = Buffer.alloc(POOL_IDS * RANDOM_BYTES);
let at = pool.length;
let timeMs = 0;
let timeText = '';
let count = 0;

/**
 * The ids of the kit (`newId`: UUIDv7 as a TypeID), made for thousands at a time: the part of the millisecond is written once, randomness is
 * drawn in bulk. Those of one kind sort in the order in which this process made them.
 */
export function newId(kind: IdKind): string {
  tick();
  if (at >= pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const first = eightOf(0x70 | (count >> 8), count & 0xff, 0x80 | (randomByte(0) & 0x3f), randomByte(1), randomByte(2));
  const second = eightOf(randomByte(3), randomByte(4), randomByte(5), randomByte(6), randomByte(7));
  at += RANDOM_BYTES;
  return `${ID_PREFIXES[kind]}_${timeText}${first}${second}`;
}

function tick(): void {
  const nowMs = Date.now();
  if (nowMs <= timeMs && count < MAX_COUNT) {
    count += 1;
    return;
  }
  timeMs = Math.max(nowMs, timeMs + 1);
  timeText = textOfTime(timeMs);
  count = 0;
}

function randomByte(offset: number): number {
  return pool[at + offset] ?? 0;
}

/** 48 bits in ten characters, with two bits of nothing before them. */
function textOfTime(milliseconds: number): string {
  let text = '';
  for (let rest = milliseconds, character = 0; character < TIME_CHARACTERS; character += 1) {
    text = `${ALPHABET[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** Five bytes as eight characters. */
function eightOf(first: number, second: number, third: number, fourth: number, fifth: number): string {
  const high = (first << 12) | (second << 4) | (third >> 4);
  const low = ((third & 15) << 16) | (fourth << 8) | fifth;
  return `${PAIRS[high >> 10]}${PAIRS[high & 1_023]}${PAIRS[low >> 10]}${PAIRS[low & 1_023]}`;
}
