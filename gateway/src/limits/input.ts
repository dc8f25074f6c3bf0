import { TesseraError } from '@tessera/service-kit/errors';
import { LIMITS, LimitExceeded } from './limits.ts';

/** Names that reach into the machinery of objects instead of their content (CVE-2026-32621). */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Variables from outside: lists, nesting and keys bounded. Without recursion, so that 10,000 levels are a refusal and not a crash. */
export function checkInput(input: unknown, isLarge: boolean): void {
  const maximum = isLarge ? 'largeListItems' : 'listItems';
  const open: Place[] = [{ value: input, depth: 0, key: '', above: null }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'number' && !Number.isFinite(value)) throw new NumberTooLarge(pathOf(next));
    if (typeof value !== 'object' || value === null) continue;
    if (depth > LIMITS.inputDepth) throw new LimitExceeded('inputDepth');
    if (Array.isArray(value) && value.length > LIMITS[maximum]) throw new LimitExceeded(maximum, pathOf(next));
    for (const [key, inner] of Object.entries(value)) {
      if (FORBIDDEN_KEYS.has(key)) throw new TesseraError('BAD_USER_INPUT', `The name ${key} is not accepted in the input.`);
      open.push({ value: inner, depth: depth + 1, key, above: next });
    }
  }
}

/** Beyond the largest double a number is read as Infinity, which no JSON can hand on. */
export class NumberTooLarge extends TesseraError {
  /** @param path of the number in the variables, where it is one of them */
  constructor(path: readonly string[] = []) {
    const where = path.length > 0 ? `${path.join('.')}: ` : '';
    const message = `${where}A number is too large: ${Number.MAX_VALUE} is the largest, of either sign.`;
    super('BAD_USER_INPUT', message, path.length > 0 ? { path } : {});
  }
}

interface Place {
  readonly value: unknown;
  readonly depth: number;
  readonly key: string;
  readonly above: Place | null;
}

/** From the root of the variables. */
function pathOf(place: Place): string[] {
  const keys: string[] = [];
  for (let at: Place | null = place; at?.above; at = at.above) keys.unshift(at.key);
  return keys[0] === 'variables' ? keys.slice(1) : keys;
}

export function isForbiddenName(name: string): boolean {
  return FORBIDDEN_KEYS.has(name);
}
