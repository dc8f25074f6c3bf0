import type { FLOWS } from './flows.ts';

type FlowName = keyof typeof FLOWS;

const STEPS = ['claimed', 'answered', 'applied'] as const;
const WEBHOOK_STEPS = ['received', 'stored', 'worked'] as const;

const ROUND: readonly (readonly [call: string, flow: FlowName])[] = [
  ['open-method', 'SAVE_CARD'],
  ['open-attempt', 'PAY'],
  ['close-attempt', 'CANCEL'],
  ['read-method', 'SAVE_CARD'],
  ['read-attempt', 'PAY'],
  ['refund', 'REFUND'],
  ['remove-method', 'REMOVE_CARD'],
  ['read-dispute', 'DISPUTE'],
];

export interface CrashCase {
  readonly point: string;
  readonly flow: FlowName;
}

/** The same points once more, where the money goes another way. */
const AGAIN: readonly (readonly [call: string, flow: FlowName])[] = [
  ['refund', 'SENT_BACK'],
  ['read-attempt', 'CHARGED_TWICE'],
];

export const CRASH_CASES: readonly CrashCase[] = STEPS.flatMap((step, index) => [
  ...[...ROUND, ...AGAIN].map(([call, flow]) => ({ point: `payments.${call}.${step}`, flow })),
  { point: `payments.webhook.${WEBHOOK_STEPS[index]}`, flow: 'PAY' as const },
]);
