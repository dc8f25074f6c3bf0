import { SERVICES, type ServiceName, type StreamName } from '@tessera/schema/contract';
import {
  type ListedDeadLetter,
  type ListedOutboxEvent,
  listDeadLetters,
  listOutbox,
  replayDeadLetter,
  replayOutbox,
  streamsOf,
} from '@tessera/service-kit/messaging';
import { Command, InvalidArgumentError } from 'commander';
import { codeOf, LocalError, messageOf } from './errors.ts';
import { resolveLayout } from './layout.ts';
import { waitUntil } from './processes.ts';
import { readState } from './state.ts';

/** How long `replay` waits to tell what became of the dead letters; they are handled with or without it. */
const OUTCOME_TIMEOUT_MS = 20_000;
const DEFAULT_LIMIT = 20;
const UNDEFINED_TABLE = '42P01';
/** Of one call of `replay --dead`; call it again for more. */
const MAX_REPLAYS = 1_000;
const HANDLED = 'handled';
const WAITING = 'not handled yet; it will be, as soon as the consumer of the service runs';

interface CommonOptions {
  readonly service?: ServiceName;
  readonly dead: boolean;
  readonly dataDir?: string;
}

interface ListOptions extends CommonOptions {
  readonly all: boolean;
  readonly unpublished: boolean;
  readonly limit: number;
  readonly json: boolean;
}

interface ReplayOptions extends CommonOptions {
  readonly id?: readonly string[];
  readonly from?: number;
  readonly stream?: string;
}

/** `npm run events`: what the services told each other, what could not be handled, and how to have it handled again. */
const program = new Command('npm run events --').description('Looks at the event logs and dead letters of a stack, and replays them.');

program
  .command('list')
  .description('The newest events of the outboxes; with --dead, what could not be handled.')
  .option('--service <name>', `one of ${SERVICES.join(', ')}; all when left out`, serviceName)
  .option('--dead', 'dead letters instead of published events', false)
  .option('--all', 'with --dead: also those that a replay has handled', false)
  .option('--unpublished', 'only events that are not on their stream yet', false)
  .option('--limit <count>', 'rows per service', positiveInteger, DEFAULT_LIMIT)
  .option('--json', 'one JSON object per line, with payloads', false)
  .option('--data-dir <folder>', 'data directory of the stack')
  .action(list);

program
  .command('replay')
  .description('Has dead letters handled again (--id, or --dead for all), or puts old events back on their streams (--from).')
  .requiredOption('--service <name>', 'whose dead letters, or whose events', serviceName)
  .option('--id <id...>', 'these dead letters')
  .option('--dead', 'all dead letters of the service', false)
  .option('--from <position>', 'the events of the service from this position on', positiveInteger)
  .option('--stream <name>', 'with --from: only this stream of the service')
  .option('--data-dir <folder>', 'data directory of the stack')
  .action(replay);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

async function list({ service, dead, all, unpublished, limit, json, dataDir }: ListOptions): Promise<void> {
  for (const name of service ? [service] : SERVICES) {
    const url = databaseUrlOf(name, dataDir);
    const rows = dead ? await listDeadLetters(url, { all, limit }) : await listOutbox(url, { isUnpublished: unpublished, limit });
    if (json) for (const row of rows) console.log(JSON.stringify({ service: name, ...row }));
    else printTable(name, rows);
  }
}

function printTable(service: ServiceName, rows: readonly (ListedDeadLetter | ListedOutboxEvent)[]): void {
  console.log(`\n${service}: ${rows.length === 0 ? 'nothing' : ''}`);
  for (const row of rows) {
    const where = `${row.stream}#${row.position ?? '—'}`;
    if ('attempts' in row) {
      const state = row.replayedAt ? `handled ${row.replayedAt.toISOString()}` : `dead ${row.deadAt.toISOString()}`;
      console.log(`  ${row.id}  ${row.type}  ${where}  ${row.attempts} attempts, ${state}\n    ${firstLine(row.error)}`);
    } else {
      const state = row.publishedAt ? '' : '  not published yet';
      console.log(`  ${row.id}  ${row.type}  ${where}  ${row.aggregateId} ${row.sequence}  ${row.occurredAt.toISOString()}${state}`);
    }
  }
}

async function replay({ service, id, dead, from, stream, dataDir }: ReplayOptions): Promise<void> {
  if (!service || [id !== undefined, dead, from !== undefined].filter(Boolean).length !== 1) {
    throw new InvalidArgumentError('Say what to replay: either --id, or --dead, or --from.');
  }
  if (from !== undefined) return replayFrom(service, from, stream, redisUrlOf(dataDir));
  await replayDead(databaseUrlOf(service, dataDir), service, id);
}

async function replayFrom(service: ServiceName, from: number, stream: string | undefined, redisUrl: string): Promise<void> {
  const streams: StreamName[] = streamsOf(service).filter((name) => stream === undefined || name === stream);
  if (streams.length === 0) throw new InvalidArgumentError(`${service} writes ${streamsOf(service).join(', ')}, not ${stream}.`);
  for (const name of streams) {
    await replayOutbox(redisUrl, name, from);
    console.log(`Asked ${service} to put ${name} back from position ${from} on. Who has received an event already drops it.`);
  }
}

async function replayDead(databaseUrl: string, service: ServiceName, ids: readonly string[] | undefined): Promise<void> {
  const before = (await listDeadLetters(databaseUrl, { limit: MAX_REPLAYS })).filter(({ id }) => !ids || ids.includes(id));
  for (const id of ids ?? [])
    if (!before.some((letter) => letter.id === id)) console.log(`${id}: no dead letter of ${service}, or handled already`);
  const asked: ListedDeadLetter[] = [];
  // Oldest first: events of one aggregate build on one another.
  for (const letter of before.toSorted((a, b) => a.position - b.position)) {
    if (await replayDeadLetter(databaseUrl, letter.id)) asked.push(letter);
    else console.log(`${letter.id}: too old to be replayed`);
  }
  await waitUntil(async () => (await outcomes(databaseUrl, asked)).every(({ outcome }) => outcome !== WAITING), OUTCOME_TIMEOUT_MS);
  for (const { id, outcome } of await outcomes(databaseUrl, asked)) {
    console.log(`${id}: ${outcome}`);
    if (outcome !== HANDLED) process.exitCode = 1;
  }
  if (before.length === 0 && !ids) console.log(`${service} has no dead letters.`);
}

async function outcomes(databaseUrl: string, asked: readonly ListedDeadLetter[]): Promise<{ id: string; outcome: string }[]> {
  const now = new Map((await listDeadLetters(databaseUrl, { all: true, limit: MAX_REPLAYS })).map((letter) => [letter.id, letter]));
  return asked.map(({ id, attempts }) => {
    const letter = now.get(id);
    if (!letter || letter.replayedAt) return { id, outcome: HANDLED };
    return { id, outcome: letter.attempts > attempts ? `dead again: ${firstLine(letter.error)}` : WAITING };
  });
}

function databaseUrlOf(service: ServiceName, dataDir: string | undefined): string {
  const variable = `${service.toUpperCase()}_DATABASE_URL`;
  const url = process.env[variable] || stateOf(dataDir).databases[service];
  if (!url) throw new LocalError('STACK_NOT_RUNNING', `The stack names no database of ${service}. Set ${variable}.`);
  return url;
}

function redisUrlOf(dataDir: string | undefined): string {
  return process.env.REDIS_URL || stateOf(dataDir).redisUrl;
}

function stateOf(dataDir: string | undefined) {
  return readState(resolveLayout(dataDir ? { dataDir } : {}).dataDir);
}

function serviceName(text: string): ServiceName {
  const service = SERVICES.find((name) => name === text);
  if (!service) throw new InvalidArgumentError(`It is one of ${SERVICES.join(', ')}.`);
  return service;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return value;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function explain(error: unknown): string {
  if (codeOf(error) === UNDEFINED_TABLE) return 'This database has no event tables yet: start its service once, or run its migrations.';
  return messageOf(error);
}
