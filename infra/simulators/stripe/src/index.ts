export { connectControl } from './control/over-http.ts';
export type {
  Attempt,
  BookEntry,
  Books,
  ChargeEntry,
  ConfirmPayment,
  CurrencyTotals,
  Delivery,
  DisputeEntry,
  Payment,
  PaymentOutcome,
  RefundEntry,
  ResetOptions,
  SimulatorControl,
} from './control/types.ts';
export { SimulatorError } from './control/types.ts';
export type { FaultFamily, FaultPlan } from './faults/plan.ts';
export { NO_FAULTS } from './faults/plan.ts';
export type { StripeEvent } from './objects/event-types.ts';
export type { BalanceTransaction } from './objects/types.ts';
export { type RunningSimulator, type SimulatorOptions, startSimulator } from './simulator.ts';
