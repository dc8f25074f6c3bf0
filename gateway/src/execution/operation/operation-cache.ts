/** What the cache has done since it was made. */
export interface CacheFacts {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly entries: number;
  /** Characters of generated code that its entries hold. */
  readonly characters: number;
}

export interface OperationCacheOptions {
  readonly maxEntries: number;
  readonly maxCharacters: number;
}

interface Metered {
  readonly meter: { readonly characters: number };
}

/** Compiled operations by their hash; the one that was not used for longest goes first. Bounded in number and in generated code. */
export class OperationCache<Value extends Metered> {
  private readonly values = new Map<string, Value>();
  private readonly options: OperationCacheOptions;
  private hits = 0;
  private misses = 0;
  private evictions = 0;

  constructor(options: OperationCacheOptions) {
    this.options = options;
  }

  /** What `compile` throws is thrown, and nothing is kept. */
  get(key: string, compile: () => Value): Value {
    const known = this.values.get(key);
    if (known) {
      this.hits += 1;
      this.values.delete(key);
      this.values.set(key, known);
      return known;
    }
    this.misses += 1;
    const value = compile();
    this.values.set(key, value);
    this.evict();
    return value;
  }

  facts(): CacheFacts {
    const { hits, misses, evictions } = this;
    return { hits, misses, evictions, entries: this.values.size, characters: this.characters() };
  }

  /** Functions that are generated at their first use count too, from the next miss on. */
  private evict(): void {
    let characters = this.characters();
    for (const [key, { meter }] of this.values) {
      if (this.values.size <= 1 || (this.values.size <= this.options.maxEntries && characters <= this.options.maxCharacters)) return;
      this.values.delete(key);
      characters -= meter.characters;
      this.evictions += 1;
    }
  }

  private characters(): number {
    let sum = 0;
    for (const { meter } of this.values.values()) sum += meter.characters;
    return sum;
  }
}
