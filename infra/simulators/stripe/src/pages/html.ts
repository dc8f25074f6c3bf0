/** A piece of markup whose inserted texts are escaped already. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Insert = string | number | Html | null | undefined | false | readonly Insert[];

/** Every inserted text is escaped, in content as in quoted attributes; pieces of `html` are put in as they are. */
export function html(strings: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  const parts = strings.map((string, index) => string + (index < inserts.length ? render(inserts[index]) : ''));
  return new Html(parts.join(''));
}

function render(insert: Insert): string {
  if (insert === null || insert === undefined || insert === false) return '';
  if (insert instanceof Html) return insert.markup;
  if (typeof insert === 'object') return insert.map(render).join('');
  return String(insert).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
