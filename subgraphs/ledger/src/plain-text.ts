import { z } from 'zod';

const MAX_LENGTH = 140;
/** A line break is the only control character that people mean. */
const CONTROL = /[^\P{Cc}\n]/u;

/** What people write about a movement, for others to read on their statements: 1 to 140 characters. */
export const plainText = z
  .string()
  .trim()
  .min(1)
  .max(MAX_LENGTH)
  .refine((text) => !CONTROL.test(text), 'no control characters but line breaks');
