import type { IdKind } from '@tessera/schema/contract';
import { isId } from '@tessera/service-kit/ids';
import { z } from 'zod';

const MAX_ID = 64;

/** A well-formed id of this kind; whether it names anything is for the use case to find out. */
export function idRule(kind: IdKind) {
  return z
    .string()
    .max(MAX_ID)
    .refine((text) => isId(kind, text), `must be the id of a ${kind}`);
}

/** Text of several lines, shown to people. */
export function proseRule(max: number) {
  return z.string().max(max);
}

/** One line of text: not blank, no control characters. */
export function lineRule(max: number) {
  return z
    .string()
    .max(max)
    .refine((text) => text.trim().length > 0, 'must not be blank')
    .refine((text) => !/\p{Cc}/u.test(text), 'must not hold line breaks or control characters');
}
