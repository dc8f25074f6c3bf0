import { createEngine, refusalTold, type Submission } from '@tessera/ledger';
import { createRandom, planFaults, planRound, WALLETS } from './generate.ts';
import { judge } from './judge.ts';
import { type Build, buildWith, type Plant, plants, soundBuild } from './planted.ts';
import { playRound } from './play.ts';
import { createTally, type Tally } from './tally.ts';
import { startWorld, type World } from './world.ts';

const OPENING_MINOR = 150n;
/** Rounds in which a planted bug has to show itself. */
const PLANTED_ROUNDS = 14;

export interface RunOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly report: (line: string) => void;
}

/** Rounds of faults on a sound build; what was wrong in the first round that was not right, or nothing. */
export async function runFaults(options: RunOptions): Promise<readonly string[]> {
  const tally = createTally();
  const wrong = await runBuild(soundBuild, [], options, tally);
  const missing = tally.missing();
  for (const line of ['', ...tally.table(), ...missing]) options.report(line);
  return options.rounds < ROUNDS_FOR_ALL ? wrong : [...wrong, ...missing];
}

/** In so many rounds every kind of fault has to meet something. */
const ROUNDS_FOR_ALL = 20;

/** Each bug in a copy; answers the names of those that nobody noticed. */
export async function runPlanted({ seed, report, words }: Omit<RunOptions, 'rounds'> & { readonly words: string }): Promise<string[]> {
  const unnoticed: string[] = [];
  const chosen = plants.filter(({ name }) => name.includes(words));
  if (chosen.length === 0) throw new Error(`No planted bug has “${words}” in its name: ${plants.map(({ name }) => name).join('; ')}.`);
  for (const plant of chosen) {
    const found = await runPlant(plant, { rounds: PLANTED_ROUNDS, seed, report: () => undefined });
    report(`${found.length > 0 ? 'caught  ' : 'MISSED  '} ${plant.name}${found[0] ? `: ${found[0]}` : ''}`);
    if (found.length === 0) unnoticed.push(plant.name);
  }
  return unnoticed;
}

async function runPlant(plant: Plant, options: RunOptions): Promise<readonly string[]> {
  const { build, remove } = buildWith(plant);
  try {
    return await runBuild(build, plant.sql ?? [], options);
  } finally {
    remove();
  }
}

async function runBuild(
  build: Build,
  sql: readonly string[],
  { rounds, seed, report }: RunOptions,
  tally: Tally = createTally(),
): Promise<readonly string[]> {
  const world = await startWorld(build);
  try {
    const random = createRandom(seed);
    const wallets = await openWallets(world);
    for (const statement of sql) await world.query(statement);
    for (const [at, fault] of planFaults(rounds, random).entries()) {
      const round = at + 1;
      const plan = planRound(round, fault, random, wallets, world.processes);
      const startedMs = performance.now();
      const { history, met } = await playRound(plan, world);
      tally.add(fault, met, history);
      const wrong = await judge(history, world, BigInt(wallets.length) * OPENING_MINOR);
      const ms = String(Math.round(performance.now() - startedMs)).padStart(5);
      report(
        `round ${String(round).padStart(3)} ${fault.padEnd(20)} met ${String(met).padStart(4)} ${ms} ms ${wrong.length === 0 ? 'agrees' : 'DISAGREES'}`,
      );
      if (wrong.length > 0) return wrong;
    }
    return [];
  } finally {
    await world.close();
  }
}

/** By a sound engine, straight to the database: what is tried begins afterwards. */
async function openWallets(world: World): Promise<string[]> {
  const ids = Array.from({ length: WALLETS }, (_, at) => `wal_fault_${at}`);
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
