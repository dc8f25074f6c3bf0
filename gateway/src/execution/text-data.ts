import type { GraphQLFormattedError } from 'graphql';
import { membersOfText } from './data/loose-text.ts';
import { fromWire, type WireText, wireJson } from './data/wire.ts';

/** Where the finished answer of one request is left, for an adapter that writes bytes. */
export interface WireHolder {
  text: WireText | null;
}

/** What ECMAScript 2026 says of `JSON`, and the types do not know yet. */
interface SourceJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}

const sourceJson = JSON as unknown as SourceJson; // as Node 24 has it

/** A subgraph may write a leaf in another way than we would: `1.0`, digits beyond a double, an escape. */
function parseWithSource(text: string): unknown {
  return sourceJson.parse(text, (_key, value, { source }) =>
    source === undefined || JSON.stringify(value) === source ? value : sourceJson.rawJSON(source),
  );
}

/** The `data` of an answer as the JSON text that the client will get; whoever needs objects asks for them. */
export class TextData {
  readonly text: WireText;
  private readonly holder: WireHolder | null;

  constructor(text: WireText, holder: WireHolder | null) {
    this.text = text;
    this.holder = holder;
  }

  /** Printed as JSON it is the same text again, to the last digit and escape. */
  toObject(): Record<string, unknown> {
    return parseWithSource(fromWire(this.text)) as Record<string, unknown>; // printed by the shaper as an object
  }

  /** These members in this order; null for those that are not there. */
  pick(keys: readonly string[]): TextData {
    const texts = membersOfText(this.text);
    return new TextData(`{${keys.map((key) => `"${key}":${texts.get(key) ?? null}`).join(',')}}`, this.holder);
  }

  /** The whole answer, with its members in the order in which the server writes them. False where nobody takes text. */
  deliver({ errors, extensions }: Rest): boolean {
    if (!this.holder) return false;
    const before = errors && errors.length > 0 ? `"errors":${wireJson(errors)},` : '';
    const after = extensions ? `,"extensions":${wireJson(extensions)}` : '';
    this.holder.text = `{${before}"data":${this.text}${after}}\n`;
    return true;
  }
}

interface Rest {
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
  readonly extensions?: unknown;
}

/** Of a result whose data may be text: with objects. */
export function withObjects<T extends { data?: unknown }>(result: T): T {
  return result.data instanceof TextData ? { ...result, data: result.data.toObject() } : result;
}
