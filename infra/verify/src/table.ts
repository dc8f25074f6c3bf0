import { type CheckResult, MAX_VIOLATIONS, type VerifyReport } from './verify.ts';

const MAX_SHOWN = 10;

/** The report for people: one line per check, and below it what is wrong. */
export function tableOf({ checks, isOk, checkedAt, ledger }: VerifyReport): string {
  const width = Math.max(...checks.map(({ id }) => id.length));
  const failed = checks.filter((check) => !check.isOk).length;
  const summary = isOk ? `All ${checks.length} checks hold` : `${failed} of ${checks.length} checks FAILED`;
  return [...checks.map((check) => lineOf(check, width)), '', `${summary} (${checkedAt}; ${scopeOf(ledger)}).`].join('\n');
}

function scopeOf({ fromBatch, seal }: VerifyReport['ledger']): string {
  const from = fromBatch === null ? 'the whole ledger' : `the ledger from batch ${fromBatch}`;
  return `${from}, ${seal ? `sealed up to seal:${seal.ordinal}` : 'nothing sealed yet'}`;
}

function lineOf({ invariant, id, title, isOk, violations }: CheckResult, width: number): string {
  const count = violations.length >= MAX_VIOLATIONS ? `${MAX_VIOLATIONS}+` : String(violations.length);
  const head = `${invariant.padEnd(4)}${id.padEnd(width + 2)}${(isOk ? 'ok' : `${count} violation${violations.length === 1 ? '' : 's'}`).padEnd(16)}${title}`;
  return [head, ...violations.slice(0, MAX_SHOWN).map((violation) => `      ${violation}`)].join('\n');
}
