import { stripeModeOf } from '../cards.ts';
import { type Check, fail, ok, warn } from './check.ts';

const NAME = 'cards';
const SECRET_KEY = /^(sk|rk)_(test|live)_\w+$/;

/** Who would take the cards. What Stripe thinks of the key is not asked: the doctor changes nothing and needs no network. */
export function checkCards({
  STRIPE_SECRET_KEY: key,
  STRIPE_WEBHOOK_SECRET: webhookSecret,
}: Readonly<Record<string, string | undefined>>): Check {
  if (!key) {
    return webhookSecret
      ? warn(NAME, 'STRIPE_WEBHOOK_SECRET is set without STRIPE_SECRET_KEY, so the simulator takes them. Set both for Stripe itself.')
      : ok(NAME, 'the simulator takes them; set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET for Stripe itself');
  }
  if (!SECRET_KEY.test(key)) return fail(NAME, 'STRIPE_SECRET_KEY is not a secret key of Stripe: it starts with sk_test_ (or rk_test_).');
  if (!webhookSecret) {
    return fail(
      NAME,
      'STRIPE_SECRET_KEY is set without STRIPE_WEBHOOK_SECRET, so payments will not start. "stripe listen --forward-to 127.0.0.1:4000/webhooks/stripe" forwards webhooks to this machine and prints the secret (whsec_…).',
    );
  }
  return stripeModeOf(key) === 'live'
    ? warn(
        NAME,
        'STRIPE_SECRET_KEY is a live key: this local stack, with its public passwords, would take real money. Use one of test mode.',
      )
    : ok(NAME, 'Stripe takes them, in test mode');
}
