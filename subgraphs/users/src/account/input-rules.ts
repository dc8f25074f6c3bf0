import { z } from 'zod';
import { MAX_PASSWORD_LENGTH } from '../password/password.ts';
import { HANDLE, isDisplayName, isReservedHandle, MAX_DISPLAY_NAME_LENGTH, MAX_EMAIL_LENGTH, normalizeHandle } from './user.ts';

/** Input rules that several mutations share. Bounds come first, so that nothing long reaches a pattern. */

export const emailRule = z.string().max(MAX_EMAIL_LENGTH);
export const passwordRule = z.string().min(1).max(MAX_PASSWORD_LENGTH);

export const displayNameRule = z
  .string()
  .min(1)
  .max(MAX_DISPLAY_NAME_LENGTH)
  .refine(isDisplayName, 'A name has letters, digits or symbols and no control or direction characters.');

export const handleRule = z
  .string()
  .max(64)
  .refine(
    (handle) => HANDLE.test(normalizeHandle(handle)),
    'A handle starts with a letter and has 3 to 30 lower-case letters, digits and underscores.',
  )
  .refine((handle) => !isReservedHandle(handle), 'This handle is reserved.');
