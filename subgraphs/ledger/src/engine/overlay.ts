/** Changes on top of a map, which is touched only when they are kept. */
export class Overlay<Value> {
  readonly #base: Map<string, Value>;
  readonly #changed = new Map<string, Value>();

  constructor(base: Map<string, Value>) {
    this.#base = base;
  }

  get(key: string): Value | undefined {
    return this.#changed.get(key) ?? this.#base.get(key);
  }

  set(key: string, value: Value): void {
    this.#changed.set(key, value);
  }

  keep(): void {
    for (const [key, value] of this.#changed) this.#base.set(key, value);
  }
}
