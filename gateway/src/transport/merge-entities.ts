import type { Logger, Metrics } from '@tessera/service-kit/service';
import { type GatewayContext, seenBy } from '../execution/context.ts';
import { type Answer, readText, type SubgraphError } from '../execution/data/read-answer.ts';
import { slotOf } from '../execution/data/tree.ts';
import type { WireText } from '../execution/data/wire.ts';
import { type CompiledFetch, ENTITIES } from '../execution/plan/compiled-fetch.ts';
import { isPlace } from '../execution/plan/entity-batch.ts';
import { type Ask, type EntityVariables, entityVariables, type FetchRequest } from '../execution/plan/run.ts';
import { partitionOf } from '../identity/partition.ts';
import { faultErrors } from './fault.ts';
import { collect } from './fetch-context.ts';
import { splitEntities } from './split-entities.ts';
import { SubgraphTimeout, SubgraphUnreachable } from './transport.ts';

/** More are asked in several parts, as without merging. */
const MAX_MERGED = 250;
const ENTITIES_SLOT = slotOf(ENTITIES);

/**
 * Entities that different queries of one partition want of one subgraph, in the same way and in the same moment, are asked for as one; equal
 * references once. Each gets its own answer: its entities, the errors about them, its own deadline. Where the answer is of no use, each asks for itself,
 * while there is time; not where there was none, for a subgraph that is too slow for one question must not be asked many. Never in mutations, never
 * across principals, sessions, roles, scopes, addresses or what must have been seen.
 */
export function mergeEntities(ask: Ask, log: Logger, metrics: Metrics): Ask {
  const open = new Map<string, Batch>();
  const merged = metrics.counter({
    name: 'tessera_gateway_merged_fetches_total',
    help: 'Fetches of entities that went out together with one of another query.',
  });
  return (request, given) => {
    const context = given as GatewayContext; // put there by our own adapters
    const { entities } = request;
    if (!entities || !context.isQuestion) return ask(request, context);
    const partition = partitionOf(context.viewer);
    if (partition.underWay < 2 || entities.representations.length > MAX_MERGED) return ask(request, context);
    const key = JSON.stringify([partition.key, seenBy(context), context.idempotencyKey, askedBy(request.fetch), entities.others]);
    let batch = open.get(key);
    if (!batch?.hasRoomFor(entities)) {
      const opened = new Batch(ask, log);
      batch = opened;
      open.set(key, opened);
      setImmediate(() => {
        if (open.get(key) === opened) open.delete(key);
        if (opened.size > 1) merged.inc(opened.size - 1);
        void opened.send();
      });
    }
    return batch.add({ request, entities, context });
  };
}

const askedOf = new WeakMap<CompiledFetch, string>();

/** Service and selection: operations of other names ask the same. */
function askedBy(fetch: CompiledFetch): string {
  const known = askedOf.get(fetch);
  if (known !== undefined) return known;
  const asked = `${fetch.service}\n${fetch.query.replace(/^query \w+/, 'query')}`;
  askedOf.set(fetch, asked);
  return asked;
}

interface Member {
  readonly request: FetchRequest;
  readonly entities: EntityVariables;
  readonly context: GatewayContext;
}

type Waiting = Member & { readonly resolve: (answer: Answer | Promise<Answer>) => void };

/** What goes out together. */
class Batch {
  private readonly members: Waiting[] = [];
  private readonly places = new Map<WireText, number>();
  private readonly ask: Ask;
  private readonly log: Logger;

  constructor(ask: Ask, log: Logger) {
    this.ask = ask;
    this.log = log;
  }

  get size(): number {
    return this.members.length;
  }

  hasRoomFor({ representations }: EntityVariables): boolean {
    return this.places.size + representations.length <= MAX_MERGED;
  }

  add(member: Member): Promise<Answer> {
    for (const text of member.entities.representations) if (!this.places.has(text)) this.places.set(text, this.places.size);
    return new Promise((resolve) => this.members.push({ ...member, resolve }));
  }

  /** Never rejects, as `ask` does not. */
  async send(): Promise<void> {
    const [first, ...others] = this.members;
    if (!first) return;
    if (others.length === 0) return first.resolve(this.ask(first.request, first.context));
    const latest = Math.max(...this.members.map(({ context }) => context.deadlineAt));
    const expiries = this.members.map((member) => this.expire(member, latest));
    const answer = await this.askTogether(first, latest);
    for (const stop of expiries) stop();
    for (const member of this.members) member.resolve(this.answerFor(member, answer, member === first));
  }

  private askTogether({ request, entities, context }: Member, deadlineAt: number): Promise<Answer> {
    const together = { others: entities.others, representations: [...this.places.keys()] };
    const fetch = { ...request.fetch, reader: splitEntities };
    const sent = { fetch, variables: entityVariables(together), representationCount: this.places.size, entities: together };
    return this.ask(sent, { ...context, deadlineAt });
  }

  /** A query that must end before the others do does not wait for them. */
  private expire({ request, context, resolve }: Waiting, latest: number): () => void {
    if (context.deadlineAt >= latest) return () => undefined;
    const giveUp = () => resolve(this.fault(request, new SubgraphTimeout('the time of the request is up')));
    const timer = setTimeout(giveUp, Math.max(0, context.deadlineAt - Date.now()));
    return () => clearTimeout(timer);
  }

  private answerFor({ request, entities, context }: Member, answer: Answer, isFirst: boolean): Answer | Promise<Answer> {
    const texts = answer.data?.[ENTITIES_SLOT];
    const isUsable = Array.isArray(texts) && texts.length === this.places.size;
    if (!isUsable) return isSilence(answer.fault) ? this.fault(request, answer.fault) : this.ask(request, context);
    if (!isFirst) collect({ extensions: answer.extensions, committed: null }, context);
    const places = entities.representations.map((text) => this.places.get(text) ?? 0);
    const errors = errorsAt(places, answer.errors, texts.length);
    try {
      const own = readText(`{"data":{"${ENTITIES}":[${places.map((place) => texts[place]).join(',')}]}}`, request.fetch.reader);
      return { data: own.data, errors, extensions: answer.extensions };
    } catch (error) {
      return this.fault(request, error);
    }
  }

  private fault({ fetch, representationCount }: FetchRequest, error: unknown): Answer {
    const paths = Array.from({ length: representationCount }, (_, index) => [ENTITIES, index]);
    return { data: null, errors: faultErrors(error, fetch.service, paths, this.log), extensions: null };
  }
}

function isSilence(fault: unknown): boolean {
  return fault instanceof SubgraphTimeout || fault instanceof SubgraphUnreachable;
}

/** The errors about the entities at these places, as if they had been asked for alone; those that are about no entity are about all. */
function errorsAt(places: readonly number[], errors: readonly SubgraphError[], count: number): readonly SubgraphError[] {
  return errors.flatMap((error) => {
    const [field, place, ...below] = Array.isArray(error.path) ? (error.path as readonly unknown[]) : [];
    if (field !== ENTITIES || !isPlace(place, count)) return [error];
    return places.flatMap((each, index) => (each === place ? [{ ...error, path: [ENTITIES, index, ...below] }] : []));
  });
}
