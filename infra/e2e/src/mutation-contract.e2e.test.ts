import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildSchema, type GraphQLField, type GraphQLInputType, getNamedType, isUnionType } from 'graphql';
import { type Case, mayBeTaken, mustBeRefused } from './contract/bad-values.ts';
import { type Sample, samples } from './contract/samples.ts';
import { differing, readStored } from './contract/stored.ts';
import { createWorld, type World } from './contract/world.ts';
import { ask } from './graph/ask.ts';
import { eventually } from './graph/eventually.ts';
import { CHECKOUT, type StartedPlatform, startPlatform } from './platform/platform.ts';

const schema = buildSchema(readFileSync(join(CHECKOUT, 'schema/api.graphql'), 'utf8'));
const accessRules: Readonly<Record<string, { readonly kind: string }>> = JSON.parse(
  readFileSync(join(CHECKOUT, 'schema/access.json'), 'utf8'),
);
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
const names = mutations.map(({ name }) => name);
/** Those that answer a client in words that it can act on: nothing that says "our fault" or "try again". */
const CLEAR_CODES = ['BAD_USER_INPUT', 'IDEMPOTENCY_KEY_REQUIRED', 'OPERATION_NOT_ALLOWED', 'FORBIDDEN', 'UNAUTHENTICATED'];
/** Naturally repeatable, as their descriptions say. */
const WITHOUT_KEY = ['sessionOpen', 'sessionRefresh', 'sessionClose'];
/** What looks wrong and is right; it is sent among the odd input. */
const RIGHT_ALL_THE_SAME: Readonly<Record<string, readonly string[]>> = {
  productCreate: ['media.0.alt = empty'], // a picture that only decorates
  productUpdate: ['media.0.alt = empty'],
  cartLineAdd: ['variantId = a foreign id'], // everybody buys from everybody
  cartLineSet: ['variantId = a foreign id'],
  cartLineRemove: ['variantId = a foreign id', 'variantId = an unknown id'], // it is not in the cart, as was wanted
  walletLimitsSet: ['perTransfer.minor = the largest', 'perDay.minor = the largest'], // a bound that nobody reaches
  checkoutComplete: ['walletId = a foreign id', 'walletId = an unknown id'], // a payment that is declined is a state of the order
  transferSchedule: ['amount.minor = the largest'], // each run looks at what the wallet holds then
  adjustmentPropose: ['amount.minor = the largest'], // so does the approval
  paymentRetry: ['walletId = a foreign id', 'walletId = an unknown id'],
};
const AT_ONCE = 6;
const MANY = '1000000';

let started: StartedPlatform;
let world: World;
let cases = 0;

beforeAll(async () => {
  // A stack of its own: whether anything was written can only be told where nobody else writes.
  started = await startPlatform({ options: ['--ephemeral'], environment: { USERS_LOGIN_LIMIT_PER_ACCOUNT: MANY } });
  world = await createWorld(started.platform);
});

afterAll(async () => {
  process.stdout.write(`${cases} inputs were sent to ${mutations.length} mutations.\n`);
  await started?.process.end();
});

test('there is a sample for every mutation of the graph, and none for others', () => {
  expect(Object.keys(samples).sort()).toEqual([...names].sort());
});

describe('every wrong input is answered by a problem or a clear error, and nothing is written', () => {
  test.each(names)('%s', async (name) => {
    const field = fieldOf(name);
    const sample = await sampleOf(name);
    const before = await quietStores();
    const answers = await sendAll(field, sample, casesOf(field, sample).wrong);

    expect(answers.flatMap(({ fault }) => fault ?? [])).toEqual([]);
    expect(answers.filter(({ isSuccess }) => isSuccess).map((answer) => answer.name)).toEqual([]);
    expect(differing(before, await readStored(started.platform))).toEqual([]);
  });
});

describe('without what it needs from the one who asks, it does not run', () => {
  test.each(names.filter((name) => !WITHOUT_KEY.includes(name)))('%s wants an idempotency key', async (name) => {
    const { input, token } = await sampleOf(name);
    const answer = await ask(started.platform.url, { query: textOf(fieldOf(name)), variables: { input }, token });
    expect(answer.codes).toEqual(['IDEMPOTENCY_KEY_REQUIRED']);
  });

  test.each(names.filter((name) => accessRules[`Mutation.${name}`]?.kind !== 'public'))('%s is not for visitors', async (name) => {
    const { input } = await sampleOf(name);
    const answer = await ask(started.platform.url, { query: textOf(fieldOf(name)), variables: { input: withKey(name, input) } });
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
  });
});

describe('odd input is taken or refused, and answered clearly in both cases', () => {
  test.each(names)('%s', async (name) => {
    const field = fieldOf(name);
    const sample = await sampleOf(name);
    const answers = await sendAll(field, sample, casesOf(field, sample).odd);
    expect(answers.flatMap(({ fault }) => fault ?? [])).toEqual([]);
  });
});

describe('the right input succeeds, so that what was refused above was refused for its own reason', () => {
  /** Other people: for those above nothing is looked up any more, so many recipients have they tried that nobody knows. */
  beforeAll(async () => {
    world = await createWorld(started.platform);
  });

  test.each(names)('%s', async (name) => {
    const field = fieldOf(name);
    const { input, token } = await sampleOf(name, true);
    const answer = await ask<Outcome>(started.platform.url, { query: textOf(field), variables: { input: withKey(name, input) }, token });
    expect([answer.data?.outcome.__typename, answer.errors]).toEqual([successOf(field), []]);
  });
});

interface Outcome {
  readonly outcome: { readonly __typename: string };
}

interface Answered {
  readonly name: string;
  readonly isSuccess: boolean;
  /** What is wrong with the answer. */
  readonly fault?: string;
}

function casesOf(
  field: GraphQLField<unknown, unknown>,
  { input, token }: Sample,
): { readonly wrong: readonly Case[]; readonly odd: readonly Case[] } {
  // An administrator has to do with what belongs to others.
  const foreignIds = token === world.owner.accessToken ? world.foreignIds : {};
  const isRight = ({ name }: Case) => RIGHT_ALL_THE_SAME[field.name]?.includes(name) ?? false;
  const all = mustBeRefused(inputOf(field), input, foreignIds);
  return { wrong: all.filter((each) => !isRight(each)), odd: [...mayBeTaken(inputOf(field), input), ...all.filter(isRight)] };
}

async function sendAll(field: GraphQLField<unknown, unknown>, sample: Sample, all: readonly Case[]): Promise<Answered[]> {
  cases += all.length;
  const waiting = [...all];
  const answered: Answered[] = [];
  const sendSome = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) answered.push(await sendOne(field, sample, next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
  return answered;
}

async function sendOne(field: GraphQLField<unknown, unknown>, { token }: Sample, { name, input }: Case): Promise<Answered> {
  const variables = { input: 'idempotencyKey' in input ? input : withKey(field.name, input) };
  const { status, data, errors, codes } = await ask<Outcome>(started.platform.url, { query: textOf(field), variables, token });
  const type = data?.outcome?.__typename;
  const isClear = errors.length > 0 ? codes.every((code) => CLEAR_CODES.includes(code ?? '')) && !type : type !== undefined;
  const fault = isClear && status < 500 ? {} : { fault: `${name}: ${status} ${type} ${JSON.stringify(errors).slice(0, 300)}` };
  return { name, isSuccess: type === successOf(field), ...fault };
}

/** Waits until what was done before has come to rest, so that a change is a change by what comes next. */
async function quietStores() {
  let last = await readStored(started.platform);
  return eventually(
    async () => {
      const before = last;
      last = await readStored(started.platform);
      return { isQuiet: differing(before, last).length === 0, stored: last };
    },
    ({ isQuiet }) => isQuiet,
  ).then(({ stored }) => stored);
}

const made = new Map<string, Promise<Sample>>();

/** A sample is made once and serves while nothing succeeds. */
function sampleOf(name: string, isFresh = false): Promise<Sample> {
  const make = samples[name];
  if (!make) throw new Error(`There is no sample for ${name}.`);
  const sample = (isFresh ? undefined : made.get(name)) ?? make(world);
  made.set(name, sample);
  return sample;
}

function withKey(name: string, input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return WITHOUT_KEY.includes(name) ? input : { ...input, idempotencyKey: randomUUID() };
}

function fieldOf(name: string): GraphQLField<unknown, unknown> {
  const field = mutations.find((each) => each.name === name);
  if (!field) throw new Error(`There is no mutation ${name}.`);
  return field;
}

function inputOf(field: GraphQLField<unknown, unknown>): GraphQLInputType {
  const [input] = field.args;
  if (!input) throw new Error(`${field.name} takes no input.`);
  return input.type;
}

function textOf(field: GraphQLField<unknown, unknown>): string {
  return `mutation Contract($input: ${inputOf(field)}) { outcome: ${field.name}(input: $input) { __typename ... on Problem { code message isRetryable path } } }`;
}

/** The only member of the union that is no problem. */
function successOf(field: GraphQLField<unknown, unknown>): string {
  const union = getNamedType(field.type);
  const successes = isUnionType(union)
    ? union.getTypes().filter((type) => !type.getInterfaces().some(({ name }) => name === 'Problem'))
    : [];
  if (successes.length !== 1) throw new Error(`${field.name} must have one outcome that is no problem.`);
  return successes[0]?.name ?? '';
}
