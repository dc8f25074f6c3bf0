import { describe, expect, it } from '@jest/globals';
import { copyText } from './copy.ts';

describe('rows for COPY', () => {
  it('tells null from an empty text, and what looks like null from null', () => {
    expect(copyText([[null, '', '\\N']])).toBe('\\N\t\t\\\\N\n');
  });

  it('escapes what parts values and rows', () => {
    expect(
      copyText([
        ['a\tb', 'c\nd\r', '\\'],
        ['ü', '{"a":"\\n"}', '\b\f\v'],
      ]),
    ).toBe('a\\tb\tc\\nd\\r\t\\\\\nü\t{"a":"\\\\n"}\t\\b\\f\\v\n');
  });
});
