import { describe, expect, it } from '@jest/globals';
import { CopyLines, Frames, lineOf } from './copy.ts';
import type { Columns, TextRow } from './sql.ts';

const pair = { one: 'text', two: 'text' } as const;
const triple = { ...pair, three: 'text[]' } as const;
const copied = (columns: Columns, rows: readonly TextRow[], lineFor: (row: TextRow) => string | undefined = () => undefined): string => {
  const copy = new CopyLines(columns);
  for (const row of rows) copy.add(row, lineFor(row));
  return `${copy.lines.join('\n')}\n`;
};
const inWords = (text: string): string => text.replaceAll('\u001f', '|').replaceAll('\u001e', 'NULL');

describe('rows for COPY', () => {
  it('tells null from an empty text, and what looks like null from null', () => {
    expect(inWords(copied(triple, [[null, '', '\\N']]))).toBe('NULL||\\\\N\n');
  });

  it('escapes what COPY gives a meaning, in the rows that hold it', () => {
    expect(
      inWords(
        copied(triple, [
          ['a\tb', 'c\nd\r', '\\'],
          ['ü', 'plain', '\b\f\v'],
        ]),
      ),
    ).toBe('a\\tb|c\\nd\\r|\\\\\nü|plain|\\b\\f\\v\n');
  });

  it('MUST not let a value end early or become null that holds the marks themselves', () => {
    expect(copied(pair, [['a\u001fb', '\u001e']])).toBe('a\\\u001fb\u001f\\\u001e\n');
  });

  it('takes lines that were made before as they are', () => {
    const rows = [
      ['a', null],
      ['b', '\n'],
    ];
    expect(copied(pair, rows, lineOf)).toBe(copied(pair, rows));
  });

  it('come as one message that tells its own length, in memory that is used again only once it is released', () => {
    const frames = new Frames();
    const first = frames.fill(['ünï', 'b']);
    expect([first[0], first.readInt32BE(1), first.subarray(5).toString()]).toEqual([0x64, first.length - 1, 'ünï\nb\n']);
    const second = frames.fill(['c']);
    expect(first.subarray(5).toString()).toBe('ünï\nb\n');
    frames.release(second);
    expect([frames.fill(['d']).buffer === second.buffer, frames.fill(['e']).buffer === second.buffer]).toEqual([true, false]);
  });
});
