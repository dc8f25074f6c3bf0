import { type ModuleItem, parseSync } from '@swc/core';
import { functionsIn } from './functions-in.ts';

export const fileLinesMax = 400;
export const functionLinesMax = 70;

/** One excess: where, what, how much. `line` counts from 1. */
export interface Excess {
  readonly path: string;
  readonly line: number;
  readonly what: string;
  readonly lines: number;
  readonly linesMax: number;
}

/** The hard stops of style.md for one source file. A suite (`describe`) is a list of tests, not one function to understand. */
export function excessesOf(path: string, source: string): readonly Excess[] {
  const { body, origin } = parse(path, source);
  const lineAt = lineCounter(source, origin);

  const file = { path, line: 1, what: 'file', lines: source.trimEnd().split('\n').length, linesMax: fileLinesMax };
  const functions = functionsIn(body)
    .filter(({ isSuite }) => !(isSuite && path.includes('.test.')))
    .map(({ name, span }) => {
      const line = lineAt(span.start);
      return { path, line, what: name, lines: lineAt(span.end) - line + 1, linesMax: functionLinesMax };
    });
  return [file, ...functions].filter(({ lines, linesMax }) => lines > linesMax);
}

/** swc counts bytes from the start of everything it ever parsed; the end of a sentinel tells where this source began. */
function parse(path: string, source: string): { readonly body: readonly ModuleItem[]; readonly origin: number } {
  const withSentinel = `${source}\n;0`;
  const { body } = parseSync(withSentinel, { syntax: 'typescript', tsx: path.endsWith('x'), decorators: true, target: 'es2024' });
  const sentinel = body.at(-1);
  if (!sentinel || !('span' in sentinel)) throw new Error(`${path} parsed to nothing`);
  return { body, origin: sentinel.span.end - Buffer.byteLength(withSentinel) };
}

function lineCounter(source: string, origin: number): (position: number) => number {
  const bytes = Buffer.from(source);
  return (position) => bytes.subarray(0, position - origin).reduce((line, byte) => (byte === 0x0a ? line + 1 : line), 1);
}
