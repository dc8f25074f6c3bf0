import { hash } from 'node:crypto';

/**
 * SHA-256 over the transfers of a batch, each as its line, in the order of their ids, which come first. `verify` makes the same text from the
 * stored rows.
 */
export function digestOf(lines: readonly string[]): string {
  return hash('sha256', lines.toSorted().join('\n'), 'hex');
}
