export { type Consumer, type ConsumerOptions, createConsumer } from './consumer.ts';
export { messagingMigration, packsMigration, tellMigration } from './messaging.migration.ts';
export { type MessagingLog, OUTBOX_CHANNEL, streamsOf } from './names.ts';
export {
  type ListedDeadLetter,
  type ListedOutboxEvent,
  listDeadLetters,
  listOutbox,
  type OutboxQuery,
  replayDeadLetter,
  replayOutbox,
} from './operator.ts';
export { EVENT_VERSION, type OutboxRow, outboxRow, writeOutbox } from './outbox.ts';
export type { EventHandlers, ReceivedEvent } from './received-event.ts';
export { connectRedis } from './redis.ts';
export { createRelay, type Relay, type RelayOptions } from './relay.ts';
export { createSeal, type Seal } from './seal.ts';
export { MAX_SEEN_EVENTS, readSeen, signSeen } from './seen.ts';
export { createStreamTail, type StreamTail, type StreamTailOptions } from './tail.ts';
export { type CommittedEvent, type EventOrigin, type NewEvent, type UnitOfWork, unitOfWork } from './unit-of-work.ts';
export { wakeRelay } from './wake-relay.ts';
