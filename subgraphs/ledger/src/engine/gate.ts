/**
 * Lets transactions of this process that touch the same accounts in one after the other. The locks in the database would order them too, but
 * who waits there finds every row changed and has to read it again, which costs more than the lock. Other processes are not seen here: between
 * processes the locks decide.
 */
export class Gate {
  readonly #inside = new Set<{ readonly names: ReadonlySet<string>; readonly left: Promise<void> }>();

  async pass<T>(names: ReadonlySet<string>, work: () => Promise<T>): Promise<T> {
    for (let ahead = this.#conflicting(names); ahead; ahead = this.#conflicting(names)) await ahead;
    const { promise, resolve } = Promise.withResolvers<void>();
    const entry = { names, left: promise };
    this.#inside.add(entry);
    try {
      return await work();
    } finally {
      this.#inside.delete(entry);
      resolve();
    }
  }

  #conflicting(names: ReadonlySet<string>): Promise<void> | undefined {
    for (const inside of this.#inside) {
      for (const name of names) if (inside.names.has(name)) return inside.left;
    }
    return undefined;
  }
}
