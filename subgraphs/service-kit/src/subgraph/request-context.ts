import DataLoader from 'dataloader';
import { InvariantViolation } from '../errors/index.ts';
import type { KeyedAct, Loader, Log, MutateOptions, RequestContext, RequestFacts, UseCase } from '../graphql/context.ts';
import { effectiveKey, fingerprintOf, runOnce, runRepeatable } from '../idempotency/index.ts';
import type { Viewer } from '../identity/viewer.ts';
import type { EventOrigin } from '../messaging/unit-of-work.ts';
import type { EntityManager } from '../persistence/index.ts';

const MAX_BATCH = 500;

export interface RequestContextParts<Services> {
  readonly em: EntityManager;
  readonly viewer: Viewer;
  readonly request: RequestFacts;
  readonly idempotencyKey: string | null;
  readonly services: Services;
  readonly log: Log;
  readonly now: Date;
  readonly isStale: boolean;
  /** The service's own keys, one per purpose. */
  readonly fingerprintKey: Buffer;
  readonly cursorSecret: string;
}

/** The context of one operation. A mutation drops what was read before it, so that its selection sees its own write. */
export function createRequestContext<Services>(parts: RequestContextParts<Services>): RequestContext<Services> {
  let em: EntityManager | null = null; // made by the first who reads: many operations read nothing
  let loaders = new Map<Loader<unknown, Services>, DataLoader<string, unknown>>();
  const forgetReads = () => {
    em = null;
    loaders = new Map();
  };

  const context: RequestContext<Services> = {
    viewer: parts.viewer,
    services: parts.services,
    log: parts.log,
    request: parts.request,
    now: parts.now,
    idempotencyKey: parts.idempotencyKey,
    cursorSecret: parts.cursorSecret,
    isStale: parts.isStale,
    activeMutation: null,
    committed: [],
    replayed: Object.create(null), // its keys are aliases, and `__proto__` is one too
    get em() {
      em ??= parts.em.fork({ clear: true });
      return em;
    },
    load: async <Value>(loader: Loader<Value, Services>, id: string) => {
      const key = loader as Loader<unknown, Services>;
      const known = loaders.get(key) ?? newDataLoader(key, context);
      loaders.set(key, known);
      return (await known.load(id)) as Value | null; // the map pairs each loader with its own values
    },
    mutate: async (useCase, input, options) => {
      const outcome = await mutate(parts, context, useCase, input, options);
      forgetReads();
      return outcome;
    },
    mutateKeyed: async (act, input) => {
      const outcome = await mutateKeyed(parts, context, act, input);
      forgetReads();
      return outcome;
    },
    repeat: async (useCase, input) => {
      const { outcome, committed } = await runRepeatable({ ...parts, origin: originOf(parts), useCase, input });
      context.committed.push(...committed);
      forgetReads();
      return outcome;
    },
  };
  return context;
}

async function mutate<Services, Input extends { idempotencyKey?: string | null | undefined }, Outcome extends object>(
  parts: RequestContextParts<Services>,
  context: RequestContext<Services>,
  useCase: UseCase<Input, Outcome, Services>,
  input: Input,
  options: MutateOptions = {},
): Promise<object> {
  const { active, key, fingerprint } = keyOf(parts, context, input);
  const { outcome, isReplayed, committed } = await runOnce({
    ...parts,
    scope: { principal: parts.viewer.principal, mutation: active.name, key },
    fingerprint,
    keep: options.keep ?? 'days',
    origin: originOf(parts),
    useCase,
    input,
  });
  context.replayed[active.responseKey] = isReplayed;
  context.committed.push(...committed);
  return outcome;
}

async function mutateKeyed<Services, Input extends { idempotencyKey?: string | null | undefined }>(
  parts: RequestContextParts<Services>,
  context: RequestContext<Services>,
  act: KeyedAct<Input, Services>,
  input: Input,
): Promise<object> {
  const { active, key, fingerprint } = keyOf(parts, context, input);
  const { viewer, services, now, request } = parts;
  const { outcome, isReplayed, committed } = await act(input, {
    viewer,
    services,
    now,
    request,
    origin: originOf(parts),
    key,
    fingerprint,
  });
  context.replayed[active.responseKey] = isReplayed;
  context.committed.push(...committed);
  return outcome;
}

function keyOf<Services>(
  parts: RequestContextParts<Services>,
  { activeMutation: active }: RequestContext<Services>,
  input: { idempotencyKey?: string | null | undefined },
) {
  if (!active) throw new InvariantViolation('mutate was called outside a mutation field.');
  const key = effectiveKey(input.idempotencyKey, parts.idempotencyKey, active.responseKey);
  return { active, key, fingerprint: fingerprintOf(active.args, parts.fingerprintKey) };
}

function originOf({ viewer, request, now }: RequestContextParts<unknown>): EventOrigin {
  return { actor: viewer.principal, correlationId: request.requestId, causationId: null, traceparent: request.traceparent, now };
}

function newDataLoader<Services>(loader: Loader<unknown, Services>, context: RequestContext<Services>): DataLoader<string, unknown> {
  return new DataLoader<string, unknown>(
    async (ids) => {
      const found = await loader.batch(ids, context);
      return ids.map((id) => found.get(id) ?? null);
    },
    { maxBatchSize: MAX_BATCH, name: loader.name },
  );
}
