import { createEngine, refusalTold, type Submission } from '@tessera/ledger';
import { planFaults, planRound, WALLETS } from './generate.ts';
import { placedHolds } from './holds.ts';
import { judge } from './judge.ts';
import { BEGINNING } from './line.ts';
import { buildWith, misfitsOf, type Plant, removeLeftovers, soundBuild } from './plant.ts';
import { plants } from './planted.ts';
import { playRound } from './play.ts';
import { createRandom } from './random.ts';
import { createTally, type Tally } from './tally.ts';
import { startWorld, type World } from './world.ts';

const OPENING_MINOR = 150n;
/** Rounds in which a planted bug has to show itself. */
const PLANTED_ROUNDS = 14;
const ROUNDS_PER_WHOLE_PROOF = 50;
/** With every crash PostgreSQL forgets how much was changed, so autovacuum does not come, and a round would get slower with those before it. */
const ROUNDS_PER_VACUUM = 10;

export interface RunOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly report: (line: string) => void;
  /** Told what runs, so that it can be ended before its time. */
  readonly onStarted: (world: World) => void;
}

/** Rounds of faults on a sound build; what was wrong in the first round that was not right, or nothing. */
export async function runFaults(options: RunOptions): Promise<readonly string[]> {
  const tally = createTally();
  const { wrong } = await runBuild(soundBuild, [], options, tally);
  const missing = tally.missing();
  for (const line of ['', ...tally.table(), ...missing]) options.report(line);
  return options.rounds < ROUNDS_FOR_ALL ? wrong : [...wrong, ...missing];
}

/** In so many rounds every kind of fault has to meet something. */
const ROUNDS_FOR_ALL = 20;

/** Each bug in a copy; answers the names of those that nobody noticed. */
export async function runPlanted({
  report,
  words,
  ...options
}: Omit<RunOptions, 'rounds'> & { readonly words: string }): Promise<string[]> {
  const unnoticed: string[] = [];
  const chosen = plants.filter(({ name }) => name.includes(words));
  if (chosen.length === 0) throw new Error(`No planted bug has “${words}” in its name: ${plants.map(({ name }) => name).join('; ')}.`);
  const misfits = chosen.flatMap(misfitsOf);
  if (misfits.length > 0) throw new Error(misfits.join('\n'));
  removeLeftovers();
  for (const plant of chosen) {
    const { rounds, wrong } = await runPlant(plant, { ...options, rounds: PLANTED_ROUNDS, report: () => undefined });
    report(wrong.length > 0 ? `caught in round ${column(rounds, 2)}: ${plant.name}: ${wrong[0]}` : `MISSED: ${plant.name}`);
    if (wrong.length === 0) unnoticed.push(plant.name);
  }
  return unnoticed;
}

async function runPlant(plant: Plant, options: RunOptions): Promise<Outcome> {
  const { build, remove } = buildWith(plant);
  process.once('exit', remove);
  try {
    return await runBuild(build, plant.sql ?? [], options);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

interface Outcome {
  readonly rounds: number;
  /** Of the last round that was played; nothing when all agree. */
  readonly wrong: readonly string[];
}

/** After each round is proved what came with it; after every fiftieth, and at the end, everything from the beginning on. */
async function runBuild(
  build: string,
  sql: readonly string[],
  { rounds, seed, report, onStarted }: RunOptions,
  tally: Tally = createTally(),
): Promise<Outcome> {
  const world = await startWorld(build);
  onStarted(world);
  try {
    const random = createRandom(seed);
    const wallets = await openWallets(world);
    for (const statement of sql) await world.query(statement);
    const fundedMinor = BigInt(wallets.length) * OPENING_MINOR;
    let line = BEGINNING;
    for (const [at, fault] of planFaults(rounds, random).entries()) {
      const round = at + 1;
      if (round % ROUNDS_PER_VACUUM === 0) await world.query('vacuum analyze');
      const holds = await placedHolds(world.query, round);
      const plan = planRound(round, fault, random, { wallets, processes: world.processes, startsAtMs: Date.now(), holds });
      const [startedMs, played] = [performance.now(), await playRound(plan, world)];
      const isWhole = round % ROUNDS_PER_WHOLE_PROOF === 0 || round === rounds;
      const [playedMs, verdict] = [performance.now(), await judge({ history: played.history, world, fundedMinor, line, isWhole })];
      line = verdict.line;
      tally.add(fault, played, verdict.holds);
      const { wrong } = verdict;
      const times = `${column(performance.now() - startedMs, 5)} ms, ${column(performance.now() - playedMs, 4)} of them to prove ${isWhole ? 'everything' : 'it'}`;
      report(
        `round ${column(round, 3)} ${fault.padEnd(20)} met ${column(played.met, 4)} ${times}: ${wrong.length === 0 ? 'agrees' : 'DISAGREES'}`,
      );
      if (wrong.length > 0) return { rounds: round, wrong };
    }
    return { rounds, wrong: [] };
  } finally {
    await world.close();
  }
}

function column(count: number, width: number): string {
  return String(Math.round(count)).padStart(width);
}

/** Every second owner has a limit of their own, for the others the default of the processes holds. By a sound engine, straight to the database: what is tried begins afterwards. */
async function openWallets(world: World): Promise<string[]> {
  const ids = Array.from({ length: WALLETS }, (_, at) => `wal_fault_${at}`);
  await world.query(
    `insert into user_limits (owner_id, currency, per_day_minor, is_own, used_on, used_minor)
     select 'usr_' || id, 'USD', 1000000000, true, now() at time zone 'UTC', 0 from unnest($1::text[]) as w (id)`,
    [ids.filter((_, at) => at % 2 === 0)],
  );
  await world.query(
    `insert into accounts (id, kind, owner_id, currency, normal_side, floor_minor, opened_at)
     select id, 'WALLET', 'usr_' || id, 'USD', 'CREDIT', 0, now() from unnest($1::text[]) as w (id)`,
    [ids],
  );
  const engine = createEngine({ databaseUrl: world.databaseUrl });
  const origin = { actor: 'service:seed', correlationId: 'seed', causationId: null, traceparent: null };
  const settled = await engine.submitAll(
    ids.map((credit) => {
      const leg = {
        kind: 'MOVE',
        debit: 'system:bank:USD',
        credit,
        amount: { currency: 'USD', minor: OPENING_MINOR },
        code: 'FUNDING',
      } as const;
      const request = { scope: 'seed', key: credit, legs: [leg], actor: 'service:seed', traceparent: null };
      const tell: Submission['tell'] = (outcome) => refusalTold(request, outcome, credit);
      return { request, origin, tell };
    }),
  );
  await engine.close();
  if (settled.some((each) => each.status === 'rejected' || each.value.outcome.kind !== 'POSTED'))
    throw new Error('The wallets could not be filled.');
  return ids;
}
