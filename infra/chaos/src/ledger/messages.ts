import type { PostRequest } from '@tessera/ledger';

/** What a ledger process is told over the channel of its parent, and what it tells. */

export interface Order {
  readonly id: number;
  readonly request: PostRequest;
}

export type Decided = {
  readonly id: number;
  readonly isReplayed: boolean;
  /** Ids of the events that were committed with it. */
  readonly committed: readonly string[];
} & (
  | { readonly kind: 'POSTED'; readonly transferIds: readonly string[] }
  | { readonly kind: 'REFUSED'; readonly reason: string; readonly availableMinor: string | null }
);

export type Answer =
  | Decided
  | { readonly id: number; readonly kind: 'KEY_REUSED'; readonly fields: readonly string[] }
  /** Nobody knows yet, or nothing was written: the same key may be sent again. */
  | { readonly id: number; readonly kind: 'RETRY'; readonly message: string }
  | { readonly id: number; readonly kind: 'FAILED'; readonly message: string };

export type News =
  | Answer
  | { readonly kind: 'READY' }
  /** Transactions waited for each other in a circle, or what runs beside the lanes failed. */
  | { readonly kind: 'COMPLAINT'; readonly message: string };
