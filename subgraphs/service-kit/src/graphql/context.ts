import type { Viewer } from '../identity/viewer.ts';
import type { CommittedEvent, EventOrigin, UnitOfWork } from '../messaging/unit-of-work.ts';
import type { EntityManager } from '../persistence/index.ts';

/** What a use case may touch: its transaction, who asks, and what it tells the others. */
export interface UseCaseContext<Services = unknown> extends UnitOfWork {
  readonly viewer: Viewer;
  /** The subgraph's own collaborators (hashing, mail, keys), from its composition root. */
  readonly services: Services;
  readonly request: RequestFacts;
  /** The effective key of this call, for stores that keep keys of their own (the ledger); absent for naturally repeatable acts. */
  readonly idempotencyKey?: string;
}

/**
 * A business act, named as its mutation: loads, decides, stores, publishes. Runs inside the transaction that also holds the idempotency
 * claim and the outbox, so it happens once or not at all; it answers an outcome or a problem and throws only for faults.
 */
export type UseCase<Input, Outcome extends object, Services = unknown> = (
  input: Input,
  context: UseCaseContext<Services>,
) => Promise<Outcome>;

/** One call of a mutation whose store keeps the idempotency keys itself. */
export interface KeyedCall<Services = unknown> {
  readonly viewer: Viewer;
  readonly services: Services;
  readonly now: Date;
  readonly request: RequestFacts;
  readonly origin: EventOrigin;
  readonly key: string;
  /** Per input path a keyed hash: what makes two calls the same. */
  readonly fingerprint: Readonly<Record<string, string>>;
}

export interface KeyedAnswer {
  readonly outcome: object;
  /** The key had this outcome already. */
  readonly isReplayed: boolean;
  readonly committed: readonly CommittedEvent[];
}

/**
 * A business act of a store that remembers outcomes under their keys in the commit of the effect (the ledger's engine), and shares its
 * commits between calls. It owes the contract of `UseCase` by itself: once per key, the same outcome for ever, nothing stored for malformed input.
 */
export type KeyedAct<Input, Services = unknown> = (input: Input, call: KeyedCall<Services>) => Promise<KeyedAnswer>;

/** The part of a logger that the kit uses; pino's fits. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface RequestFacts {
  readonly requestId: string;
  readonly traceparent: string | null;
}

export interface MutateOptions {
  /** How long a retry is recognised: 30 days, or for ever (the ledger). */
  readonly keep?: 'days' | 'forever';
}

/** The mutation field that is being resolved; mutation root fields run one after the other, so there is at most one. */
export interface ActiveMutation {
  readonly name: string;
  readonly responseKey: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A batched read: many ids in, a map of what was found out. Asked once per request and tick. */
export interface Loader<Value, Services = unknown> {
  readonly name: string;
  readonly batch: (ids: readonly string[], context: RequestContext<Services>) => Promise<ReadonlyMap<string, Value>>;
}

/** What every resolver of a subgraph gets. */
export interface RequestContext<Services = unknown> {
  readonly viewer: Viewer;
  readonly services: Services;
  readonly log: Log;
  readonly request: RequestFacts;
  readonly now: Date;
  /** For reads. Writes go through `mutate`. */
  readonly em: EntityManager;
  readonly idempotencyKey: string | null;
  /** Signs the cursors of this service's lists. */
  readonly cursorSecret: string;
  activeMutation: ActiveMutation | null;
  readonly committed: CommittedEvent[];
  readonly replayed: Record<string, boolean>;
  /** Runs a use case once per idempotency key and answers the stored outcome to every retry. */
  mutate<Input extends { idempotencyKey?: string | null | undefined }, Outcome extends object>(
    useCase: UseCase<Input, Outcome, Services>,
    input: Input,
    options?: MutateOptions,
  ): Promise<object>;
  /** Runs an act whose store keeps the keys itself. */
  mutateKeyed<Input extends { idempotencyKey?: string | null | undefined }>(act: KeyedAct<Input, Services>, input: Input): Promise<object>;
  /** Runs a naturally repeatable use case (log in, refresh, log out) in one transaction, without a key. */
  repeat<Input, Outcome extends object>(useCase: UseCase<Input, Outcome, Services>, input: Input): Promise<Outcome>;
  load<Value>(loader: Loader<Value, Services>, id: string): Promise<Value | null>;
  /** A write that the client has seen elsewhere had not arrived here in time: the answer may be behind it. */
  readonly isStale: boolean;
}
