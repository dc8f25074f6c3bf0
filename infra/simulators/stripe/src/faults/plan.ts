/**
 * What goes wrong, and how often. A plain number is a probability between 0 and 1, asked once per API request or once per webhook delivery.
 * Control API and pages are never touched.
 */
export interface FaultPlan {
  /** The request is executed in full, then the connection is cut. */
  readonly lostResponse: number;
  /** 500 before any effect. */
  readonly serverError: number;
  /** 500 after the effect, saved under the idempotency key: a retry gets it again. Only for requests that change something. */
  readonly serverErrorAfter: number;
  /** 429 before any effect. */
  readonly rateLimited: number;
  /** The connection is cut before any effect. */
  readonly reset: number;
  /** The answer comes late; the idempotency key is in use meanwhile. */
  readonly latencyMs: { readonly probability: number; readonly min: number; readonly max: number };
  /** The webhook comes twice. */
  readonly duplicateWebhook: number;
  /** The webhook waits for a moment, so that later ones overtake it. */
  readonly reorderWebhook: number;
  readonly delayWebhook: { readonly probability: number; readonly maxMs: number };
  /** The webhooks of a request arrive before its answer. */
  readonly eventBeforeAnswer: number;
  /** Added to the time in every signature; milliseconds, either sign. */
  readonly clockSkewMs: number;
  /** A copy with a wrong signature comes as well, before the real webhook. */
  readonly badSignature: number;
  /** Probability per API request that an outage starts. Until it ends all requests get a 503 or a reset, and webhooks wait. */
  readonly outage: { readonly probability: number; readonly durationMs: number };
}

export const NO_FAULTS: FaultPlan = {
  lostResponse: 0,
  serverError: 0,
  serverErrorAfter: 0,
  rateLimited: 0,
  reset: 0,
  latencyMs: { probability: 0, min: 0, max: 0 },
  duplicateWebhook: 0,
  reorderWebhook: 0,
  delayWebhook: { probability: 0, maxMs: 0 },
  eventBeforeAnswer: 0,
  clockSkewMs: 0,
  badSignature: 0,
  outage: { probability: 0, durationMs: 0 },
};

export const FAULT_FAMILIES = [
  'lostResponse',
  'serverError',
  'serverErrorAfter',
  'rateLimited',
  'reset',
  'latencyMs',
  'duplicateWebhook',
  'reorderWebhook',
  'delayWebhook',
  'eventBeforeAnswer',
  'clockSkewMs',
  'badSignature',
  'outage',
] as const satisfies readonly (keyof FaultPlan)[];

export type FaultFamily = (typeof FAULT_FAMILIES)[number];

/** What is not named does not happen. @throws RangeError for a probability outside 0 to 1, a negative time, or an unknown family */
export function completePlan(partial: Partial<FaultPlan>): FaultPlan {
  const unknown = Object.keys(partial).find((name) => !(name in NO_FAULTS));
  if (unknown !== undefined) throw new RangeError(`There is no fault family '${unknown}'.`);
  const plan = { ...NO_FAULTS, ...partial };
  for (const family of FAULT_FAMILIES) {
    const probability = probabilityOf(plan, family);
    if (!(probability >= 0 && probability <= 1)) throw new RangeError(`The probability of ${family} must be between 0 and 1.`);
  }
  const times = [plan.latencyMs.min, plan.latencyMs.max - plan.latencyMs.min, plan.delayWebhook.maxMs, plan.outage.durationMs];
  if (!times.every((time) => time >= 0) || !Number.isFinite(plan.clockSkewMs))
    throw new RangeError('Times of a fault plan are milliseconds, 0 or more.');
  return plan;
}

export function probabilityOf(plan: FaultPlan, family: FaultFamily): number {
  if (family === 'clockSkewMs') return plan.clockSkewMs === 0 ? 0 : 1;
  const value = plan[family];
  return typeof value === 'number' ? value : value.probability;
}
