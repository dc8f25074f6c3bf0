import { envelopeSchema } from '@tessera/schema/contract';
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { type EntityManager, rawSql } from '../persistence/index.ts';
import { GAP } from './dead-letter.ts';
import type { Delivery } from './delivery.ts';
import { rewindPosition } from './inbox.ts';
import type { Lane } from './lane.ts';
import type { MessagingLog } from './names.ts';

const MAX_PER_TURN = 20;

interface RequestedLetter {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly envelope: unknown;
}

const gapSchema = z.object({ from: z.number().int().positive() });

export interface Replays {
  readonly client: ClientBase;
  readonly lanes: readonly Lane[];
  readonly delivery: Delivery;
  readonly log: MessagingLog;
  readonly signal: AbortSignal;
}

/** Takes up what operators have asked for, oldest first. Each request is answered once, by success or by a new end as a dead letter. */
export async function serveReplays(replays: Replays): Promise<void> {
  const { rows } = await replays.client.query<RequestedLetter>(
    `select d.id, d.stream, d.type, d.envelope from replay_requests r join dead_letters d using (id) order by r.requested_at limit ${MAX_PER_TURN}`,
  );
  for (const letter of rows) {
    if (replays.signal.aborted) return;
    await serve(replays, letter);
  }
}

async function serve({ lanes, delivery, log, signal }: Replays, letter: RequestedLetter): Promise<void> {
  log.info({ deadLetter: letter.id, type: letter.type }, 'Handles a dead letter again');
  if (letter.type === GAP) {
    const before = gapSchema.parse(letter.envelope).from - 1;
    const commit = (): Promise<void> => delivery.persist((em) => reopen(em, letter, before), signal);
    const lane = lanes.find(({ stream }) => stream === letter.stream);
    return lane ? lane.rewind(before, commit) : commit();
  }
  const event = envelopeSchema.safeParse(letter.envelope).data;
  if (!event) {
    log.error({ deadLetter: letter.id }, 'The dead letter holds no event of the present form and cannot be handled again');
    return delivery.persist(async (em) => void (await dropRequest(em, letter.id)), signal);
  }
  const take = async (em: EntityManager): Promise<boolean> => (await dropRequest(em, letter.id)) && (await close(em, letter.id));
  return delivery.redeliver(event, { take, giveUp: async (em) => void (await dropRequest(em, letter.id)) }, signal);
}

/** The lane reads the places again and, where they are still missing, asks their writer for them. */
async function reopen(em: EntityManager, letter: RequestedLetter, position: number): Promise<void> {
  if (!(await dropRequest(em, letter.id))) return;
  await close(em, letter.id);
  await rewindPosition(em, letter.stream, position);
}

/** False: another consumer has answered this request. */
async function dropRequest(em: EntityManager, id: string): Promise<boolean> {
  return (await rawSql(em, 'delete from replay_requests where id = $1 returning id', [id])).length > 0;
}

async function close(em: EntityManager, id: string): Promise<boolean> {
  return (await rawSql(em, 'update dead_letters set replayed_at = clock_timestamp() where id = $1 returning id', [id])).length > 0;
}
