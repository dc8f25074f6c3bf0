import type { Account } from '../account/account.ts';
import type { Form } from '../api/request.ts';
import type { SimulatorControl } from '../control/types.ts';
import { expectRecord } from '../objects/records.ts';
import { createRefund } from '../objects/refunds.ts';
import { planFrom } from './fault-form.ts';

export interface ActionContext {
  readonly account: Account;
  readonly control: SimulatorControl;
  wake(): void;
}

/** What the buttons of the dashboard do, by the first part of the path behind `/actions/`. */
const ACTIONS: Readonly<Record<string, (context: ActionContext, id: string, form: Form) => Promise<unknown>>> = {
  clock: ({ control }, _, { ms }) => control.advanceClock(Number(ms)),
  dispute: ({ control }, id) => control.openDispute(id),
  'dispute-lost': ({ control }, id) => control.closeDispute(id, 'lost'),
  'dispute-won': ({ control }, id) => control.closeDispute(id, 'won'),
  faults: ({ control }, _, form) => control.setFaults(planFrom(form)),
  forge: ({ control }, id) => control.forge(id),
  hold: ({ control }, id) => control.hold(id),
  refund: async (context, id, form) => refund(context, id, form),
  'refund-fails': ({ control }, id) => control.failRefund(id),
  'refund-succeeds': ({ control }, id) => control.succeedRefund(id),
  release: ({ control }, id) => control.release(id),
  resend: ({ control }, id) => control.resend(id),
  'resend-twice': ({ control }, id) => control.resendTwice(id),
  // Whoever clicks has a shop that goes on, with the ids it has seen.
  reset: ({ control }) => control.reset({ keepIds: true }),
};

/** Undefined when there is no such action. @throws SimulatorError or ApiError for what cannot be */
export function performAction(context: ActionContext, path: string, form: Form): Promise<unknown> | undefined {
  const [name = '', id = ''] = path.split('/');
  return Object.hasOwn(ACTIONS, name) ? ACTIONS[name]?.(context, id, form) : undefined;
}

/** Where a form came from: only pages of the dashboard. */
export function backOf({ back }: Form): string {
  return typeof back === 'string' && /^\/(payments\/\w+|events(\?before=\w+)?|#\w+)?$/.test(back) ? back : '/';
}

/** As one refunds by hand in Stripe's dashboard. */
function refund({ account, wake }: ActionContext, id: string, { amount }: Form): void {
  const wanted = typeof amount === 'string' && amount !== '' ? Number(amount) : undefined;
  account.store.transaction(() =>
    createRefund(account, expectRecord(account, 'charge', id), { amount: wanted, reason: 'requested_by_customer', metadata: {} }),
  );
  wake();
}
