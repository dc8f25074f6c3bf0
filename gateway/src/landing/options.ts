/** One line of the table on the landing page. */
export interface StatusEntry {
  readonly name: string;
  readonly kind: 'store' | 'subgraph' | 'tool';
  /** Null where nobody has asked it. */
  readonly isUp: boolean | null;
  /** Why this one, where its data is, what is wrong. */
  readonly detail?: string;
  readonly url?: string;
}

/** A seeded account of the local stack, whose password everybody may know. */
export interface LocalAccount {
  readonly email: string;
  readonly displayName: string;
  readonly roles: readonly string[];
  readonly password: string;
}

export interface LandingOptions {
  readonly links?: readonly { readonly title: string; readonly url: string }[];
  /** Which stores were chosen, and why. */
  readonly stores?: readonly { readonly name: string; readonly why: string }[];
  /** Local stack only: shows "log in as" buttons. */
  readonly accounts?: readonly LocalAccount[];
  /** What else there is to say, asked anew for every look: about the stores and subgraphs by their name, and about other parts. */
  readonly status?: () => Promise<readonly StatusEntry[]>;
}
