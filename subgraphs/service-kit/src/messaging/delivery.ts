import type { Envelope } from '@tessera/schema/contract';
import type { EntityManager, MikroORM } from '../persistence/index.ts';
import { type DeadLetter, deadEvent, storeDeadLetter } from './dead-letter.ts';
import type { EventOrigin } from './event.ts';
import { receive, receiveAll } from './inbox.ts';
import type { MessagingLog } from './names.ts';
import type { HandlerTable } from './received-event.ts';
import { backoffMs, pause, within } from './timing.ts';
import { isTransient } from './transient.ts';
import { unitOfWork } from './unit-of-work.ts';

const MAX_ATTEMPTS = 5;
const RETRY_BASE_MS = 50;
const RETRY_FACTOR = 4;
const RETRY_CAP_MS = 5_000;
const OUTAGE_BASE_MS = 20;
const OUTAGE_CAP_MS = 2_000;
const HANDLER_TIMEOUT_MS = 30_000;

export interface DeliveryOptions {
  readonly orm: MikroORM;
  readonly service: string;
  readonly handlers: HandlerTable;
  readonly log: MessagingLog;
  /** First delay between two attempts of a failing handler; the next are longer. Default 50 ms. */
  readonly retryBaseMs?: number;
  /** The event has been dealt with, and that is committed. */
  readonly onReceived: (id: string) => void;
  /** The letter is stored; the operators may be told. */
  readonly onDead: (letter: DeadLetter) => void;
}

/** How an event is taken into the transaction: from a stream by its inbox row, or from the dead letters by its request. */
export interface Claim {
  /** False: somebody else has committed its effect already. */
  readonly take: (em: EntityManager) => Promise<boolean>;
  /** Ends the matter where every attempt failed. */
  readonly giveUp: (em: EntityManager) => Promise<void>;
}

export interface Delivery {
  /**
   * One effect per event: inbox row, effect, what the handler publishes and the position are one transaction. Returns when that is
   * committed or the event is a dead letter; rejects only when the signal ended the wait for a database.
   */
  deliver(event: Envelope, signal: AbortSignal): Promise<void>;
  redeliver(event: Envelope, claim: Claim, signal: AbortSignal): Promise<void>;
  /** The same for consecutive events of one stream about which there is nothing to do. */
  pass(events: readonly Envelope[], signal: AbortSignal): Promise<void>;
  /** Runs database work until it succeeds, for as long as the database is the reason that it does not. */
  persist(work: (em: EntityManager) => Promise<void>, signal: AbortSignal): Promise<void>;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { orm, log, service, onReceived, onDead, retryBaseMs = RETRY_BASE_MS } = options;

  async function redeliver(event: Envelope, claim: Claim, signal: AbortSignal): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        await throughOutages(log, signal, () => attempt(options, event, claim));
        return onReceived(event.id);
      } catch (error) {
        if (signal.aborted) throw error;
        const isFinal = failures >= MAX_ATTEMPTS || error instanceof Unreadable;
        log[isFinal ? 'error' : 'warn'](
          { service, eventId: event.id, type: event.type, failures, err: error },
          isFinal ? 'Event is a dead letter' : 'Handler failed',
        );
        if (isFinal) return bury(event, error instanceof Unreadable ? error.cause : error, failures, claim, signal);
        await pause(backoffMs(failures, retryBaseMs, RETRY_CAP_MS, RETRY_FACTOR), signal);
      }
    }
  }

  async function bury(event: Envelope, error: unknown, failures: number, claim: Claim, signal: AbortSignal): Promise<void> {
    const letter = deadEvent(event, error, failures);
    await persist(async (em) => {
      await storeDeadLetter(em, letter);
      await claim.giveUp(em);
    }, signal);
    onReceived(event.id);
    onDead(letter);
  }

  async function persist(work: (em: EntityManager) => Promise<void>, signal: AbortSignal): Promise<void> {
    await throughOutages(log, signal, () => orm.em.fork().transactional((em) => work(em as EntityManager)));
  }

  return {
    deliver: (event, signal) =>
      redeliver(event, { take: (em) => receive(em, event), giveUp: async (em) => void (await receive(em, event)) }, signal),
    redeliver,
    pass: async (events, signal) => {
      await throughOutages(log, signal, () => receiveAll(orm.em.fork(), events));
      for (const { id } of events) onReceived(id);
    },
    persist,
  };
}

/** No attempt can help: this version of the service does not understand the payload. */
class Unreadable extends Error {}

async function attempt({ orm, service, handlers }: DeliveryOptions, event: Envelope, claim: Claim): Promise<void> {
  const bound = handlers.bind(event);
  if ('refusal' in bound) throw new Unreadable(`Payload of ${event.type} ${event.id}`, { cause: bound.refusal });
  await unitOfWork(orm.em.fork(), originOf(event, service), async (unit) => {
    // Bounded inside the transaction, so that waiting for a connection is not taken for a slow handler.
    if (await claim.take(unit.em)) await within(HANDLER_TIMEOUT_MS, `The handler of ${event.type}`, bound.run(unit));
  });
}

function originOf({ id, correlationId, traceparent }: Envelope, service: string): EventOrigin {
  return { actor: `service:${service}`, causationId: id, correlationId, traceparent, now: new Date() };
}

async function throughOutages<T>(log: MessagingLog, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !isTransient(error)) throw error;
      if (failures === 1)
        log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'Database refuses for the time being, trying again');
      await pause(backoffMs(failures, OUTAGE_BASE_MS, OUTAGE_CAP_MS), signal);
    }
  }
}
