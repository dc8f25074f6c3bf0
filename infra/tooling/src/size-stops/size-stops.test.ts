import { describe, expect, it } from '@jest/globals';
import { excessesOf, fileLinesMax, functionLinesMax } from './size-stops.ts';

const statements = (count: number) => Array.from({ length: count }, (_, index) => `  x(${index});`).join('\n');
const tooLong = functionLinesMax + 1;
/** As many lines as asked for, the first with the head and the last with the tail. */
const spanning = (lines: number, head: string, tail = '}') => `${head}\n${statements(lines - 2)}\n${tail}\n`;

describe('size stops', () => {
  it('let a file and a function be as long as the stop', () => {
    expect(excessesOf('a.ts', '// line\n'.repeat(fileLinesMax))).toEqual([]);
    expect(excessesOf('a.ts', spanning(functionLinesMax, 'function f() {'))).toEqual([]);
  });

  it('stop a file that is one line longer', () => {
    expect(excessesOf('a.ts', '// line\n'.repeat(fileLinesMax + 1))).toEqual([
      { path: 'a.ts', line: 1, what: 'file', lines: fileLinesMax + 1, linesMax: fileLinesMax },
    ]);
  });

  it.each([
    ['declaration', 'export async function here() {', '}'],
    ['arrow function', 'const here = () => {', '};'],
    ['function expression', 'const here = function () {', '};'],
    ['method', 'class A { @Query(() => A) async here(@Arg("a") a: string) {', '} }'],
    ['private method', 'class A { #here() {', '} }'],
    ['getter', 'class A { get here() {', '} }'],
    ['field', 'class A { readonly here = async () => {', '} }'],
    ['object method', 'const o = { here() {', '} };'],
    ['object property', 'const o = { here: () => {', '} };'],
    ['expression body', 'const here = () => [', '];'],
  ])('stop a %s that is one line too long', (_, head, tail) => {
    const body = head.endsWith('[')
      ? Array(tooLong - 2)
          .fill('  1,')
          .join('\n')
      : statements(tooLong - 2);
    expect(excessesOf('a.ts', `${head}\n${body}\n${tail}\n`)).toEqual([
      { path: 'a.ts', line: 1, what: 'here', lines: tooLong, linesMax: functionLinesMax },
    ]);
  });

  it.each(['constructor() {', 'static {'])('stop a class whose %s is too long', (head) => {
    expect(excessesOf('a.ts', spanning(tooLong, `class A { ${head}`, '} }'))).toHaveLength(1);
  });

  it('stop a component', () => {
    const markup = Array(tooLong).fill('<p />').join('\n');
    expect(excessesOf('a.tsx', `const Page = () => <div>\n${markup}\n</div>;\n`)).toMatchObject([{ what: 'Page', line: 1 }]);
  });

  it('count lines, not bytes, wherever the function stands and whatever was parsed before', () => {
    const source = `// ÄÖÜ €\nconst text = '😀';\n\n${spanning(tooLong, 'function later() {')}`;
    excessesOf('other.ts', source);
    expect(excessesOf('a.ts', source)).toMatchObject([{ what: 'later', line: 4, lines: tooLong }]);
  });

  it.each(['describe', 'describe.only', 'describe.each([1])', 'describe.each`a`'])('let the suite of %s be long in a test', (callee) => {
    const suite = spanning(tooLong, `${callee}('facts', () => {`, '});');
    expect(excessesOf('a.int.test.ts', suite)).toEqual([]);
    expect(excessesOf('a.ts', suite)).toHaveLength(1);
  });

  it('stop a test within a suite', () => {
    const suite = `describe('facts', () => {\n${spanning(tooLong, "it('does it all', () => {", '});')}});\n`;
    expect(excessesOf('a.test.ts', suite)).toMatchObject([{ line: 2, lines: tooLong }]);
  });
});
