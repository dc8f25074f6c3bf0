import type { EventPayload, EventType } from '@tessera/schema/contract';

/** A fact to publish, or a command to send. `id` is given only for commands: derived from saga and step, so that a second send is dropped. */
export interface NewEvent<T extends EventType = EventType> {
  readonly type: T;
  readonly aggregateId: string;
  readonly payload: EventPayload<T>;
  readonly id?: string;
}

/** Who and what caused the events of one transaction. */
export interface EventOrigin {
  /** Principal such as `user:usr_…` or `service:payments`. */
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly traceparent: string | null;
  readonly now: Date;
}

/** What a committed transaction published: enough for a client to wait until others have seen it. */
export interface CommittedEvent {
  readonly id: string;
  readonly type: EventType;
}
