import { accessSync, constants, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Ask } from './ask.ts';
import { CannotRun } from './cannot-run.ts';
import { type SealPoint, type Window, windowSinceSeal, windowSinceTime } from './window.ts';

/** From where on a pass proves the ledger: an instant, a number of seals, or a seal as an earlier pass left it. */
export type Since =
  | { readonly kind: 'TIME'; readonly instant: Date }
  | { readonly kind: 'SEAL'; readonly ordinal: string; readonly chain: string | null };

/** `2026-11-27T09:00:00Z`, or `seal:1234` as the report of an earlier pass names it. */
export function parseSince(text: string): Since {
  const seal = /^(?:seal:)?(\d{1,18})$/.exec(text)?.[1];
  if (seal !== undefined) return { kind: 'SEAL', ordinal: seal, chain: null };
  const instant = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(instant.getTime()))
    throw new CannotRun(`--since takes an instant such as 2026-11-27T09:00:00Z, or seal:1234; not ${text}.`);
  if (instant.getTime() > Date.now())
    throw new CannotRun(`--since ${text} lies in the future, and nothing would be proved: give an instant before now.`);
  return { kind: 'TIME', instant };
}

export async function windowOf(ask: Ask, since: Since): Promise<Window> {
  return since.kind === 'TIME' ? windowSinceTime(ask, since.instant) : windowSinceSeal(ask, since.ordinal);
}

/**
 * Whether the chain still has the link from which a pass goes on. A link that was noted outside the database cannot be made to fit a chain
 * that somebody has written anew.
 */
export async function isLinkThere(ask: Ask, { ordinal, chain }: Extract<Since, { kind: 'SEAL' }>): Promise<boolean> {
  if (ordinal === '0') return true;
  const [row] = await ask<{ chain: string }>(
    'ledger',
    `select encode(chain, 'hex') as chain from ledger_seals where ordinal = $1::bigint`,
    [ordinal],
  );
  return row !== undefined && (chain === null || row.chain === chain);
}

/** The seal up to which everything held when somebody last looked; null when nobody has. */
export function readCheckpoint(file: string): Extract<Since, { kind: 'SEAL' }> | null {
  if (!existsSync(file)) return null;
  const text = orCannotRun(`${file} cannot be read`, () => readFileSync(file, 'utf8'));
  const match = /^\{"ordinal":"(\d{1,18})","chain":"([0-9a-f]{64})"\}\n$/.exec(text);
  if (!match?.[1] || !match[2]) throw new CannotRun(`${file} is no checkpoint: remove it, and the next pass proves everything.`);
  return { kind: 'SEAL', ordinal: match[1], chain: match[2] };
}

/** Asked before anything is proved, so that nobody waits for a proof that cannot be noted. */
export function expectWritable(file: string): void {
  orCannotRun(`${file} cannot be written`, () => accessSync(dirname(file), constants.W_OK));
}

/** Whole or not at all. */
export function writeCheckpoint(file: string, { ordinal, chain }: SealPoint): void {
  orCannotRun(`${file} cannot be written`, () => {
    writeFileSync(`${file}.new`, `${JSON.stringify({ ordinal, chain })}\n`);
    renameSync(`${file}.new`, file);
  });
}

function orCannotRun<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new CannotRun(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
