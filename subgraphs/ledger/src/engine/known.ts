import type { AccountIdentity } from './account.ts';

/** What never changes about accounts that are committed. */
export interface Known {
  /** The account of each address. */
  readonly addresses: ReadonlyMap<string, string>;
  /** By account. */
  readonly identities: ReadonlyMap<string, AccountIdentity>;
}

/** What a transaction found; it may have opened some of the accounts itself. */
export interface Learned {
  readonly addresses: ReadonlyMap<string, string>;
  readonly identities: readonly AccountIdentity[];
}

export const NOTHING_KNOWN: Known = { addresses: new Map(), identities: new Map() };

const MAX_KNOWN = 100_000;

/** What the lanes of a process know together. Past its bound it is forgotten and read again, but not by those who are at work with it. */
export class Remembered implements Known {
  #addresses = new Map<string, string>();
  #identities = new Map<string, AccountIdentity>();

  get addresses(): ReadonlyMap<string, string> {
    return this.#addresses;
  }

  get identities(): ReadonlyMap<string, AccountIdentity> {
    return this.#identities;
  }

  /** Only after the commit of the transaction. */
  add({ addresses, identities }: Learned): void {
    const unheard = [...addresses].filter(([address]) => !this.#addresses.has(address));
    if (this.#addresses.size + unheard.length > MAX_KNOWN) this.#addresses = new Map();
    for (const [address, id] of unheard) this.#addresses.set(address, id);
    if (this.#identities.size + identities.length > MAX_KNOWN) this.#identities = new Map();
    for (const identity of identities) this.#identities.set(identity.id, identity);
  }

  /** Where the server may be another one, which need not have all that was committed: a standby, a copy that was restored. */
  forget(): void {
    this.#addresses = new Map();
    this.#identities = new Map();
  }
}
