import { createAccounts } from './0001-accounts.ts';
import { createVerification } from './0002-verification.ts';
import { createSessions } from './0003-sessions.ts';
import { createSigningKeys } from './0004-signing-keys.ts';

/** In order, append-only. */
export const usersMigrations = [createAccounts, createVerification, createSessions, createSigningKeys];
