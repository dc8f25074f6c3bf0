/** Rules of an account: names. Plain data in, decision out; no I/O, no clock, no randomness. */

export const HANDLE = /^[a-z][a-z0-9_]{2,29}$/;
export const MAX_DISPLAY_NAME_LENGTH = 80;
export const MAX_EMAIL_LENGTH = 254;
const MAX_STEM_LENGTH = 20;

/** Handles that would let somebody speak for the platform. */
const RESERVED_HANDLES: ReadonlySet<string> = new Set(
  'admin administrator api billing escrow help info ledger moderator official payments root security staff support system tessera'.split(
    ' ',
  ),
);

export function normalizeHandle(handle: string): string {
  return handle.normalize('NFC').trim().toLowerCase();
}

export function isReservedHandle(handle: string): boolean {
  return RESERVED_HANDLES.has(normalizeHandle(handle));
}

export function normalizeDisplayName(name: string): string {
  return name.normalize('NFC').trim().replace(/\s+/gu, ' ');
}

/** Control characters break lines and logs; direction overrides make one name look like another. Letters of any script are welcome. */
export function isDisplayName(name: string): boolean {
  const normalized = normalizeDisplayName(name);
  const isSafe = !/[\p{Cc}\p{Cs}\p{Co}\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/u.test(normalized);
  return isSafe && normalized.length <= MAX_DISPLAY_NAME_LENGTH && /[\p{L}\p{N}\p{S}]/u.test(normalized);
}

/** A handle for somebody who chose none: `ada_lovelace_k3x9ab`. `random` is at least six lower-case letters or digits. */
export function handleFrom(displayName: string, random: string): string {
  const latin = normalizeDisplayName(displayName).normalize('NFKD').toLowerCase();
  const stem = latin
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, MAX_STEM_LENGTH);
  return `${stem || 'user'}_${random.slice(0, 6)}`;
}
