import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Bar {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly peer: number | null;
  readonly ratio: number | null;
  readonly bar: string;
  readonly holds: boolean;
  /** Of every round, so that the spread can be seen. */
  readonly rounds: readonly number[];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The value below which `part` of them lie. */
export function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
}

/** Prints the bars and writes them where others read them. */
export function report(suite: string, versions: Readonly<Record<string, string>>, bars: readonly Bar[], facts: object): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB`;
  const folder = join(import.meta.dirname, '../out');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${suite}.json`), `${JSON.stringify({ machine, versions, bars, ...facts }, null, 2)}\n`);
  console.log(
    `\n${machine}; ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}\n`,
  );
  for (const { id, what, value, peer, ratio, bar, holds } of bars) {
    const against = peer === null ? '' : ` against ${shown(peer)}${ratio === null ? '' : ` = ${ratio.toFixed(2)} ×`}`;
    console.log(`${id.padEnd(5)}${holds ? 'holds ' : 'SHORT '} ${shown(value)}${against}  (bar: ${bar})  ${what}`);
  }
}

function shown(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
}
