import {
  type EventType,
  eventPayloads,
  isEventType,
  type ServiceName,
  type StreamName,
  senderOf,
  streamOf,
} from '@tessera/schema/contract';

/** Where the workers tell what happens to them; a pino logger is one. */
export interface MessagingLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** PostgreSQL channel: there are rows without a position. Whoever writes `outbox` without `writeOutbox` notifies it by hand. */
export const OUTBOX_CHANNEL = 'tessera_outbox';
/** PostgreSQL channel: an operator asks for a dead letter again. */
export const REPLAY_CHANNEL = 'tessera_replay';

const EVENT_TYPES: readonly EventType[] = Object.keys(eventPayloads).filter(isEventType);
const OWNERS: ReadonlyMap<string, ServiceName> = new Map(EVENT_TYPES.map((type) => [streamOf(type), senderOf(type)]));

export function isStreamName(text: string): text is StreamName {
  return OWNERS.has(text);
}

/** The one service that writes this stream; undefined for a stream that the contract does not know. */
export function ownerOf(stream: string): ServiceName | undefined {
  return OWNERS.get(stream);
}

export function streamsOf(service: ServiceName): StreamName[] {
  return [...OWNERS].filter(([, owner]) => owner === service).map(([stream]) => stream as StreamName); // the map's keys come from streamOf
}

/** `prefix` parts key spaces that share one Redis database; empty in production. */
export function streamKey(prefix: string, stream: string): string {
  return `${prefix}${stream}`;
}

/** Missing means: Redis lost its memory and the relay has not yet filled the streams again. */
export function epochKey(prefix: string, service: string): string {
  return `${prefix}tessera:epoch:${service}`;
}

/** A hash: field `<stream>|<who asks>`, value the first position that is wanted back. Served by the relay of `service`. */
export function replayKey(prefix: string, service: string): string {
  return `${prefix}tessera:replay:${service}`;
}

export function deadLetterKey(prefix: string, service: string): string {
  return `${prefix}dead-letters:${service}`;
}
