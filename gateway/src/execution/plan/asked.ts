import type { SubgraphError } from '../data/read-answer.ts';
import type { Tree } from '../data/tree.ts';
import type { WireText } from '../data/wire.ts';
import type { AnswerPath } from './places.ts';

/** An error of an entity fetch; `entity` is null where it is not about one of them. */
export interface EntityError {
  readonly error: SubgraphError;
  readonly entity: number | null;
  readonly below: AnswerPath;
  /** In words of the gateway. */
  readonly isOwn?: true;
}

/** What was answered to a list of references, in their order. */
export interface EntityAnswer {
  /** Null where there is none. What two calls answer shares only what nothing is merged into. */
  take(index: number): Tree;
  readonly errors: readonly EntityError[];
}

/** References that go out, or went out, as one. */
export interface Batch {
  readonly representations: WireText[];
  readonly answer: Promise<EntityAnswer>;
  /** Whether references may still be added. */
  isOpen: boolean;
}

/** Everything that was asked in one way in one run: each reference once. */
export interface Asked {
  readonly slots: Map<WireText, { readonly batch: Batch; readonly index: number }>;
  last: Batch | null;
}
