import type { Envelope } from '@tessera/schema/contract';
import { type EntityManager, rawSql } from '../persistence/index.ts';

const MAX_TEXT_CHARS = 4_000;
/** The type of a letter that stands for positions which never came: its envelope says which. */
export const GAP = 'Gap';

/** An event that was handled in vain, or (of type `Gap`) places of a stream that could not be read. */
export interface DeadLetter {
  readonly id: string;
  readonly stream: string;
  readonly position: number;
  readonly type: string;
  readonly envelope: Readonly<Record<string, unknown>>;
  readonly error: string;
  readonly attempts: number;
}

export function deadEvent(event: Envelope, error: unknown, attempts: number): DeadLetter {
  const { id, stream, position, type } = event;
  return { id, stream, position, type, envelope: event, error: errorText(error), attempts };
}

export function deadGap(stream: string, from: number, to: number, attempts: number, raw: string): DeadLetter {
  const error = 'These places of the stream could not be read, although its writer was asked for them again';
  return {
    id: `gap:${stream}:${from}-${to}`,
    stream,
    position: from,
    type: GAP,
    envelope: { stream, from, to, raw: storable(raw) },
    error,
    attempts,
  };
}

/** In the caller's transaction. A letter that was dead before is dead again. */
export async function storeDeadLetter(em: EntityManager, letter: DeadLetter): Promise<void> {
  await rawSql(
    em,
    `insert into dead_letters as d (id, stream, position, type, envelope, error, attempts) values ($1, $2, $3, $4, $5::jsonb, $6, $7)
     on conflict (id) do update
       set error = excluded.error, attempts = d.attempts + excluded.attempts, dead_at = clock_timestamp(), replayed_at = null`,
    [letter.id, letter.stream, letter.position, letter.type, JSON.stringify(letter.envelope), letter.error, letter.attempts],
  );
}

function errorText(error: unknown): string {
  return storable(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** PostgreSQL stores no NUL characters, and such a text may quote anything. */
function storable(text: string): string {
  return text.replaceAll('\0', '').slice(0, MAX_TEXT_CHARS);
}
