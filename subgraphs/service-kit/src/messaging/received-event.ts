import {
  type Envelope,
  type EventPayload,
  type EventType,
  eventPayloads,
  isEventType,
  type StreamName,
  streamOf,
} from '@tessera/schema/contract';
import type { UnitOfWork } from './unit-of-work.ts';

/** An envelope whose payload has been checked against the contract. */
export interface ReceivedEvent<T extends EventType = EventType> extends Omit<Envelope, 'type' | 'payload'> {
  readonly type: T;
  readonly payload: EventPayload<T>;
}

/**
 * What a service does about events of others. A handler runs in the transaction that also holds the inbox row and what it publishes, so
 * its effect happens once; it may run several times and must touch nothing but the database.
 */
export type EventHandlers = {
  readonly [T in EventType]?: Handle<T> | Selective<T>;
};

export type Handle<T extends EventType> = (event: ReceivedEvent<T>, unit: UnitOfWork) => Promise<void>;

/** For types of which most events are of no concern here: those are received many at a time, without a handler. */
export interface Selective<T extends EventType> {
  /**
   * Pure: it depends on the event alone, whenever and however often it is asked. What it gets has not been checked, which would cost more than all
   * else; true where it does not know.
   */
  readonly concerns: (payload: Readonly<Record<string, unknown>>) => boolean;
  readonly handle: Handle<T>;
}

/** A handler bound to its event, or the reason why the event can never be handled. */
export type BoundHandler = { readonly run: (unit: UnitOfWork) => Promise<void> } | { readonly refusal: Error };

export interface HandlerTable {
  readonly streams: readonly StreamName[];
  handles(type: string): boolean;
  /** Whether there is anything to do about an event of a type that is handled. */
  concerns(event: Envelope): boolean;
  bind(event: Envelope): BoundHandler;
}

export function handlerTable(handlers: EventHandlers): HandlerTable {
  const types = Object.keys(handlers).filter((type): type is EventType => isEventType(type) && handlers[type] !== undefined);
  const handled: ReadonlySet<string> = new Set(types);
  return {
    streams: [...new Set(types.map(streamOf))],
    handles: (type) => handled.has(type),
    concerns({ type, payload }) {
      const handler = isEventType(type) ? handlers[type] : undefined;
      return typeof handler !== 'object' || handler.concerns(payload);
    },
    bind(event) {
      const { type } = event;
      const known = isEventType(type) ? handlers[type] : undefined;
      const handler = typeof known === 'object' ? known.handle : known;
      if (!isEventType(type) || !handler) return { refusal: new TypeError(`Nothing here handles ${type}`) };
      const payload = eventPayloads[type].safeParse(event.payload);
      if (!payload.success) return { refusal: payload.error };
      const received = { ...event, type, payload: payload.data };
      // The compiler cannot see that one key chose both the schema and the handler.
      return { run: (unit) => (handler as (event: object, unit: UnitOfWork) => Promise<void>)(received, unit) };
    },
  };
}
