export interface DocumentCache<Value> {
  get(text: string): Value | undefined;
  set(text: string, value: Value): void;
}

/** What was made of a text, by that text; the oldest goes first. A text longer than all that may be kept is not kept. */
export function createDocumentCache<Value>({
  maxEntries,
  maxCharacters,
}: {
  readonly maxEntries: number;
  readonly maxCharacters: number;
}): DocumentCache<Value> {
  const values = new Map<string, Value>();
  let characters = 0;
  const drop = (text: string): void => {
    if (values.delete(text)) characters -= text.length;
  };
  return {
    get: (text) => values.get(text),
    set: (text, value) => {
      if (text.length > maxCharacters) return;
      drop(text);
      while (values.size >= maxEntries || characters + text.length > maxCharacters) drop(values.keys().next().value ?? '');
      values.set(text, value);
      characters += text.length;
    },
  };
}
