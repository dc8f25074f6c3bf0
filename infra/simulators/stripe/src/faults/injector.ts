import type { Clock } from '../account/clock.ts';
import { fraction } from '../account/random.ts';
import { completePlan, FAULT_FAMILIES, type FaultFamily, type FaultPlan, probabilityOf } from './plan.ts';

export type InjectedFaults = Readonly<Record<FaultFamily, number>>;

/** Decides, by seed, family and the ordinal of the question in its family, whether a fault happens, and counts those that did. */
export interface FaultInjector {
  readonly plan: FaultPlan;
  setPlan(partial: Partial<FaultPlan>): void;
  happens(family: FaultFamily): boolean;
  /** Drawn evenly from the range, for the fault that happened last in this family. */
  amount(family: FaultFamily, min: number, max: number): number;
  /** Epoch milliseconds of the simulated clock until when nothing is answered or sent; 0: no outage so far. */
  readonly outageUntilMs: number;
  /** Asks whether an outage runs, or starts with this request, and how the request fails then. */
  outage(): 'RESET' | 'UNAVAILABLE' | null;
  injected(): InjectedFaults;
  /** Counts and ordinals start again. */
  restart(): void;
}

export function createFaultInjector(seed: number, clock: Clock, initial: Partial<FaultPlan>): FaultInjector {
  let plan = completePlan(initial);
  let ordinals = new Map<FaultFamily, number>();
  let counts = new Map<FaultFamily, number>();
  let outageUntilMs = 0;
  let failedInOutages = 0;
  const failInOutage = (): 'RESET' | 'UNAVAILABLE' => {
    failedInOutages += 1;
    return fraction(seed, 'outage/failure', failedInOutages) < 0.5 ? 'RESET' : 'UNAVAILABLE';
  };
  const happens = (family: FaultFamily): boolean => {
    const probability = probabilityOf(plan, family);
    if (probability === 0) return false;
    const ordinal = (ordinals.get(family) ?? 0) + 1;
    ordinals.set(family, ordinal);
    const happened = fraction(seed, family, ordinal) < probability;
    if (happened) counts.set(family, (counts.get(family) ?? 0) + 1);
    return happened;
  };
  return {
    get plan() {
      return plan;
    },
    setPlan: (partial) => {
      plan = completePlan(partial);
      if (plan.outage.probability === 0) outageUntilMs = 0;
    },
    happens,
    amount: (family, min, max) => min + fraction(seed, `${family}/amount`, ordinals.get(family) ?? 0) * (max - min),
    get outageUntilMs() {
      return outageUntilMs;
    },
    outage: () => {
      if (clock.nowMs() < outageUntilMs) return failInOutage();
      if (!happens('outage')) return null;
      outageUntilMs = clock.nowMs() + plan.outage.durationMs;
      return failInOutage();
    },
    injected: () => Object.fromEntries(FAULT_FAMILIES.map((family) => [family, counts.get(family) ?? 0])) as Record<FaultFamily, number>, // one entry per family
    restart: () => {
      ordinals = new Map();
      counts = new Map();
      outageUntilMs = 0;
      failedInOutages = 0;
    },
  };
}
