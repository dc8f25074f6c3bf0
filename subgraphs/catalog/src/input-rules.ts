import { z } from 'zod';
import { MAX_SLUG_LENGTH, SLUG } from './slug.ts';

/** One line of text: not blank, no control characters. */
export function line(max: number) {
  return z
    .string()
    .max(max)
    .refine((text) => text.trim().length > 0, 'must not be blank')
    .refine((text) => !/\p{Cc}/u.test(text), 'must not hold line breaks or control characters');
}

/** Text of several lines, which may be empty. */
export function prose(max: number) {
  return z.string().max(max);
}

export const slugRule = z.string().max(MAX_SLUG_LENGTH).regex(SLUG, 'must be words of a-z and 0-9 joined by single hyphens');

/** Trims what was given; leaves "not given" (undefined or null) undefined. */
export function trimmed(text: string | null | undefined): string | undefined {
  return text?.trim();
}
