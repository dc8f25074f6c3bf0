import type { Account } from '../account/account.ts';
import type { Form } from '../api/request.ts';
import { FAULT_FAMILIES, type FaultFamily, type FaultPlan, NO_FAULTS, probabilityOf } from '../faults/plan.ts';
import { type Html, html } from './html.ts';

type Plain = { [F in FaultFamily]: FaultPlan[F] extends number ? F : never }[FaultFamily];

const PLAIN: readonly (readonly [name: Plain, label: string, explanation: string])[] = [
  ['lostResponse', 'Lost response', 'executed, then the connection is cut'],
  ['serverError', 'Server error', '500 before any effect'],
  ['serverErrorAfter', 'Server error after', '500 after the effect, saved'],
  ['rateLimited', 'Rate limited', '429'],
  ['reset', 'Connection reset', 'before any effect'],
  ['eventBeforeAnswer', 'Event before answer', 'the webhook is faster'],
  ['duplicateWebhook', 'Duplicate webhook', 'comes twice'],
  ['reorderWebhook', 'Reordered webhook', 'overtaken by later ones'],
  ['badSignature', 'Bad signature', 'a forged copy comes as well'],
];

const COMPOUND = [
  ['latencyMs.probability', 'Latency', 'probability'],
  ['latencyMs.min', 'Latency, at least', 'milliseconds'],
  ['latencyMs.max', 'Latency, at most', 'milliseconds'],
  ['delayWebhook.probability', 'Delayed webhook', 'probability'],
  ['delayWebhook.maxMs', 'Webhook delay, at most', 'milliseconds'],
  ['outage.probability', 'Outage', 'probability that a request starts one'],
  ['outage.durationMs', 'Outage, how long', 'milliseconds'],
  ['clockSkewMs', 'Clock skew of signatures', 'milliseconds'],
] as const;

/** The plan as it is, folded, to be changed. */
export function faultForm({ faults }: Account): Html {
  const injected = Object.entries(faults.injected()).filter(([, count]) => count > 0);
  const active = FAULT_FAMILIES.filter((family) => probabilityOf(faults.plan, family) > 0);
  const field = (name: string, label: string, explanation: string, isProbability: boolean) =>
    html`<label>${label}<input name="${name}" type="number" value="${read(faults.plan, name)}" step="${isProbability ? '0.01' : '1'}" ${name !== 'clockSkewMs' && html`min="0"`} ${isProbability && html`max="1"`}><small>${explanation}</small></label>`;
  return html`<section id="faults"><details class="fold"><summary><h2>Fault plan</h2><span class="soft small">${active.length > 0 ? `on: ${active.join(', ')}` : 'all off'}, ${injected.length > 0 ? `so far: ${injected.map(([family, count]) => `${family} ${count}`).join(', ')}` : 'no fault so far'}</span></summary>
<form class="card fields" method="post" action="/actions/faults"><input type="hidden" name="back" value="/#faults">
<p class="soft small">Probabilities from 0 (never) to 1 (always), per API request or per webhook. The seed decides when.</p>
<div class="grid">${PLAIN.map(([name, label, explanation]) => field(name, label, explanation, true))}${COMPOUND.map(([name, label, explanation]) => field(name, label, explanation, name.endsWith('probability')))}</div>
<div class="actions"><button class="primary">Save the plan</button><button name="none" value="1">No faults</button></div>
</form></details></section>`;
}

/** @throws RangeError through `completePlan` for what is no number */
export function planFrom(form: Form): Partial<FaultPlan> {
  if (form.none !== undefined) return {};
  const number = (name: string): number => Number(form[name] ?? 0);
  return {
    ...Object.fromEntries(PLAIN.map(([name]) => [name, number(name)])),
    latencyMs: { probability: number('latencyMs.probability'), min: number('latencyMs.min'), max: number('latencyMs.max') },
    delayWebhook: { probability: number('delayWebhook.probability'), maxMs: number('delayWebhook.maxMs') },
    outage: { probability: number('outage.probability'), durationMs: number('outage.durationMs') },
    clockSkewMs: number('clockSkewMs'),
  };
}

function read(plan: FaultPlan, name: string): number {
  const [family = '', part] = name.split('.');
  const value = (plan as unknown as Record<string, number | Record<string, number>>)[family in NO_FAULTS ? family : '']; // numbers, or objects of numbers
  return typeof value === 'object' ? (value[part ?? ''] ?? 0) : (value ?? 0);
}
