import { z } from 'zod';

const MAX_LENGTH = 140;
/**
 * A line break is the only control character that people mean. Those that turn the direction of text would let a note read as something that
 * it does not say: overrides and embeddings (U+202A to U+202E), isolates (U+2066 to U+2069).
 */
const CONTROL = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u;

/** What people write about a movement, for others to read on their statements: 1 to 140 characters. */
export const plainText = z
  .string()
  .trim()
  .min(1, 'at least one character')
  .max(MAX_LENGTH)
  .refine((text) => !CONTROL.test(text), 'no control characters but line breaks');
