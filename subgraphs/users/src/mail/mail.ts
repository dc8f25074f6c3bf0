/** Rules of a letter on its way: when to try again, when to give up. */

export const MAIL_KINDS = ['VERIFICATION', 'ALREADY_REGISTERED'] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

export const MAX_MAIL_ATTEMPTS = 10;
const FIRST_WAIT_MS = 1_000;

/** When to try again after so many failures, or null to give up: 1 s, 2 s, 4 s and so on, about nine minutes in all. */
export function nextAttemptAt(failures: number, now: Date): Date | null {
  if (failures >= MAX_MAIL_ATTEMPTS) return null;
  return new Date(now.getTime() + FIRST_WAIT_MS * 2 ** (failures - 1));
}
