import { sha256 } from '@tessera/service-kit/crypto';

const MAX_DOCUMENTS = 5_000;
const MAX_CHARACTERS = 8_000_000;

/** A document that was looked at, and what was found. */
export interface RememberedDocument<Facts> {
  readonly text: string;
  /** SHA-256 of the text, in hex: the name under which clients may send it again. */
  readonly hash: string;
  readonly facts: Facts;
}

/** Documents by their text and by their hash; the one that was not used for longest goes first. Bounded in number and in characters. */
export class DocumentMemory<Facts> {
  private readonly byText = new Map<string, RememberedDocument<Facts>>();
  private readonly byHash = new Map<string, RememberedDocument<Facts>>();
  private characters = 0;

  /** What `allow` and, for a text that is not known, then `examine` throw is thrown, and nothing is kept. */
  recall(text: string, examine: (text: string) => Facts, allow: (hash: string) => void): RememberedDocument<Facts> {
    const known = this.byText.get(text);
    const hash = known?.hash ?? sha256(text);
    allow(hash);
    if (known) {
      this.byText.delete(text);
      this.byText.set(text, known);
      return known;
    }
    const document = { text, hash, facts: examine(text) };
    this.byText.set(text, document);
    this.byHash.set(document.hash, document);
    this.characters += text.length;
    this.evict();
    return document;
  }

  textOf(hash: string): string | undefined {
    return this.byHash.get(hash)?.text;
  }

  private evict(): void {
    for (const [text, { hash }] of this.byText) {
      if (this.byText.size <= 1 || (this.byText.size <= MAX_DOCUMENTS && this.characters <= MAX_CHARACTERS)) return;
      this.byText.delete(text);
      this.byHash.delete(hash);
      this.characters -= text.length;
    }
  }
}
