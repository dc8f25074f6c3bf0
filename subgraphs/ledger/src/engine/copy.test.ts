import { describe, expect, it } from '@jest/globals';
import { copyText, lineOf } from './copy.ts';

const pair = { one: 'text', two: 'text' } as const;
const triple = { ...pair, three: 'text[]' } as const;
const inWords = (text: string): string => text.replaceAll('\u001f', '|').replaceAll('\u001e', 'NULL');

describe('rows for COPY', () => {
  it('tells null from an empty text, and what looks like null from null', () => {
    expect(inWords(copyText(triple, [[null, '', '\\N']]))).toBe('NULL||\\\\N\n');
  });

  it('escapes what COPY gives a meaning, in the rows that hold it', () => {
    expect(
      inWords(
        copyText(triple, [
          ['a\tb', 'c\nd\r', '\\'],
          ['ü', 'plain', '\b\f\v'],
        ]),
      ),
    ).toBe('a\\tb|c\\nd\\r|\\\\\nü|plain|\\b\\f\\v\n');
  });

  it('MUST not let a value end early or become null that holds the marks themselves', () => {
    expect(copyText(pair, [['a\u001fb', '\u001e']])).toBe('a\\\u001fb\u001f\\\u001e\n');
  });

  it('takes lines that were made before as they are', () => {
    const rows = [
      ['a', null],
      ['b', '\n'],
    ];
    expect(copyText(pair, rows, rows.map(lineOf))).toBe(copyText(pair, rows));
  });
});
