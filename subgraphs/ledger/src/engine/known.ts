import type { AccountFacts } from './account.ts';

/** What never changes about accounts that are committed. */
export interface Known {
  /** The account of each address. */
  readonly addresses: ReadonlyMap<string, string>;
  /** By account. */
  readonly facts: ReadonlyMap<string, AccountFacts>;
}

/** What a transaction found; it may have opened some of the accounts itself. */
export interface Learned {
  readonly addresses: ReadonlyMap<string, string>;
  readonly facts: readonly AccountFacts[];
}

export const NOTHING_KNOWN: Known = { addresses: new Map(), facts: new Map() };

/** What the lanes of a process know together. Past its bound it is forgotten and read again, but not by those who are at work with it. */
export class Remembered implements Known {
  #addresses = new Map<string, string>();
  #facts = new Map<string, AccountFacts>();

  get addresses(): ReadonlyMap<string, string> {
    return this.#addresses;
  }

  get facts(): ReadonlyMap<string, AccountFacts> {
    return this.#facts;
  }

  /** Only after the commit of the transaction. */
  add({ addresses, facts }: Learned): void {
    if (this.#addresses.size > MAX_KNOWN) this.#addresses = new Map();
    for (const [address, id] of addresses) this.#addresses.set(address, id);
    if (this.#facts.size > MAX_KNOWN) this.#facts = new Map();
    for (const account of facts) this.#facts.set(account.id, account);
  }
}

const MAX_KNOWN = 100_000;
