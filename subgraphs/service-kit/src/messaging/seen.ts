import { isEventType } from '@tessera/schema/contract';
import { z } from 'zod';
import { constantTimeEqual, createMac } from '../crypto/primitives.ts';
import type { CommittedEvent } from './event.ts';

export const MAX_SEEN_EVENTS = 16;
const MAX_TOKENS = 8;
const MAX_TOKEN_CHARS = 2_048;
const MAX_HEADER_CHARS = 8_192;
const LIFETIME_MS = 60_000;
/** Clocks of two machines may differ by this much. */
const CLOCK_TOLERANCE_MS = 5_000;
/** Keeps a signature of ours from meaning anything elsewhere, should the key be shared. */
const PURPOSE = 'tessera-seen-1\n';

const tokenSchema = z.object({
  at: z.number().int(),
  events: z.array(z.tuple([z.string().min(1).max(64), z.string().max(64)])).max(MAX_SEEN_EVENTS),
});

/**
 * The value of `Tessera-Committed`: what an answer has published, for whoever asks next to wait for. Of more than 16 events the last ones
 * count, since a stream is consumed in order.
 */
export function signSeen(events: readonly CommittedEvent[], secret: string, nowMs = Date.now()): string {
  const content = { at: nowMs, events: events.slice(-MAX_SEEN_EVENTS).map(({ id, type }) => [id, type]) };
  const body = Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${body}.${signature(body, secret)}`;
}

/**
 * The events of a `Tessera-Seen` header: one or several tokens, separated by commas. Whatever is forged, expired, malformed or too large
 * counts as absent, so that nobody can make a service wait for events of their own invention.
 */
export function readSeen(header: string | null | undefined, secret: string, nowMs = Date.now()): CommittedEvent[] {
  if (!header || header.length > MAX_HEADER_CHARS) return [];
  const tokens = header.split(',', MAX_TOKENS + 1);
  if (tokens.length > MAX_TOKENS) return [];
  const events = tokens.flatMap((token) => readToken(token.trim(), secret, nowMs));
  return [...new Map(events.map((event) => [event.id, event])).values()];
}

function readToken(token: string, secret: string, nowMs: number): CommittedEvent[] {
  const [body, mac, ...rest] = token.split('.');
  if (token.length > MAX_TOKEN_CHARS || !body || !mac || rest.length > 0) return [];
  if (!constantTimeEqual(mac, signature(body, secret))) return [];
  const { data } = tokenSchema.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString())); // signed, so it is JSON of ours
  if (!data || nowMs - data.at > LIFETIME_MS || data.at - nowMs > CLOCK_TOLERANCE_MS) return [];
  return data.events.flatMap(([id, type]) => (isEventType(type) ? [{ id, type }] : []));
}

/** A process has one secret of events; what is prepared for it serves every answer. */
let prepared: { readonly secret: string; readonly mac: (text: string) => string } | null = null;

function signature(body: string, secret: string): string {
  if (prepared?.secret !== secret) prepared = { secret, mac: createMac(secret) };
  return prepared.mac(PURPOSE + body);
}
