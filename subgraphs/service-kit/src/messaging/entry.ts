import { type Envelope, envelopeSchema, isEventType, packedPayloads } from '@tessera/schema/contract';
import { z } from 'zod';
import type { Seal } from './seal.ts';

/** What an entry of a stream says: the text of one row of the outbox, which is an event or a pack of events with consecutive positions. */
export interface NewEntry {
  /** Of the row; the text begins with it. */
  readonly id: string;
  readonly stream: string;
  /** Of its last event: the entry goes by it. */
  readonly position: number;
  /** How many events it holds. */
  readonly size: number;
  readonly text: string;
}

/** An entry as a reader finds it. */
export interface StreamEntry {
  readonly position: number;
  /** Null where the entry is not a well-formed event of this place with the mark of a service. */
  readonly event: Envelope | null;
  /** Null unless the entry holds several events of this place, with the mark. */
  readonly pack: Pack | null;
  /** False where no service of this stack wrote it: a stranger, or a relay that does not know the secret (any more, or yet). */
  readonly isMarked: boolean;
  readonly raw: string;
}

/** Events of one type that came into being together. Whom they do not concern need not read them. */
export interface Pack {
  readonly type: string;
  /** Position of the first event; the last has that of the entry. */
  readonly first: number;
  /** An entry for each event, in order; one that is no event, at the place of the last, where the pack cannot be read. */
  unpack(): readonly StreamEntry[];
}

export type RawEntry = [id: string, fields: string[]];

export const FIELD = 'e';
export const MARK = 's';
/** How the text of a pack begins, and no event's. */
const PACK_START = /^\{"id":"[^"]*","size":/;
/** Parts what all events of a pack have in common from what each says: within a text, JSON has no such quotation marks. */
const EVENTS = ',"events":';

const headSchema = envelopeSchema
  .pick({ id: true, type: true, version: true, source: true, stream: true, position: true, occurredAt: true })
  .extend({ size: z.number().int().positive() });
type Head = z.infer<typeof headSchema>;
/** Id, aggregate, actor, causation, correlation, trace; then the payload, or the texts of which the contract makes one. */
type PackedEvent = readonly [string, string, string, string | null, string, string | null, ...unknown[]];

export function firstOf({ position, pack }: StreamEntry): number {
  return pack?.first ?? position;
}

export function countEvents(entries: readonly StreamEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.position - firstOf(entry) + 1, 0);
}

/** The text that every entry of this row begins with. */
export function entryStart(id: string): string {
  return `{"id":${JSON.stringify(id)},`;
}

/** @param payload JSON */
export function eventText(envelope: Omit<Envelope, 'payload'>, payload: string): string {
  const { id, ...rest } = envelope;
  return `${JSON.stringify({ id, ...rest }).slice(0, -1)},"payload":${payload}}`;
}

/** @param events JSON of a list of `PackedEvent` */
export function packText({ id, size, ...rest }: Head, events: string): string {
  return `${JSON.stringify({ id, size, ...rest }).slice(0, -1)}${EVENTS}${events}}`;
}

export function parseEntry(stream: string, entry: RawEntry, seal: Seal): StreamEntry {
  const [id, fields] = entry;
  const position = Number(id.slice(0, id.indexOf('-')));
  const raw = fieldOf(fields, FIELD);
  const nothing: StreamEntry = { position, event: null, pack: null, isMarked: isMarked(entry, seal), raw };
  if (!nothing.isMarked) return nothing;
  const isInPlace = (said: { readonly stream: string; readonly position: number }): boolean =>
    said.position === positionOf(id) && said.stream === stream;
  if (PACK_START.test(raw)) {
    const head = parsed(`${raw.slice(0, raw.indexOf(EVENTS))}}`, headSchema);
    return head && isInPlace(head) ? { ...nothing, pack: packOf(head, raw) } : nothing;
  }
  const event = parsed(raw, envelopeSchema);
  return event && isInPlace(event) ? { ...nothing, event } : nothing;
}

export function isMarked([, fields]: RawEntry, seal: Seal): boolean {
  return seal.isOn(fieldOf(fields, FIELD), fieldOf(fields, MARK));
}

/** -1 for an id that no relay gives. */
export function positionOf(id: string): number {
  return id.endsWith('-0') ? Number(id.slice(0, -2)) : -1;
}

function packOf(head: Head, raw: string): Pack {
  const { type, position, size } = head;
  const first = position - size + 1;
  return {
    type,
    first,
    unpack: () => {
      const events = parsed(raw, packSchema)?.events;
      if (events?.length !== size) return [{ position, event: null, pack: null, isMarked: true, raw }];
      return events.map((event, at) => ({
        position: first + at,
        event: unpacked(head, event, first + at),
        pack: null,
        isMarked: true,
        raw: '',
      }));
    },
  };
}

/** Only the form of each event is looked at: a service has marked it, and whoever handles one checks its payload. */
const packSchema = z.object({ events: z.array(z.custom<PackedEvent>(isPackedEvent)) });

function isPackedEvent(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [id, aggregateId, actor, causationId, correlationId, traceparent] = value as readonly unknown[];
  const hasNames = [id, aggregateId, actor, correlationId].every((name) => typeof name === 'string');
  return hasNames && isTextOrNull(causationId) && isTextOrNull(traceparent);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function unpacked(head: Head, event: PackedEvent, position: number): Envelope | null {
  const [id, aggregateId, actor, causationId, correlationId, traceparent, ...told] = event;
  const { type, version, source, stream, occurredAt } = head;
  const payload = payloadOf(type, aggregateId, told);
  if (!payload) return null;
  const place = { type, version, source, stream, aggregateId, sequence: 1, position, occurredAt };
  return { id, ...place, actor, causationId, correlationId, traceparent, payload };
}

function payloadOf(type: string, aggregateId: string, told: readonly unknown[]): Record<string, unknown> | null {
  const [payload] = told;
  if (typeof payload === 'object' && payload !== null) return payload as Record<string, unknown>; // as JSON has it
  const made = isEventType(type) ? packedPayloads[type] : undefined;
  return made && told.every(isTextOrNull) ? made(aggregateId, told) : null;
}

function fieldOf(fields: readonly string[], name: string): string {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field === name);
  return at === -1 ? '' : (fields[at + 1] ?? '');
}

function parsed<T>(text: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // not JSON
  }
}
