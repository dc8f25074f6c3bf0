import type { RunningSimulator } from '@tessera/stripe-simulator';
import type { Layout } from './layout.ts';
import { findFreePort } from './ports.ts';
import type { Secrets } from './secrets.ts';

/** The simulator takes any keys of the right form; these look like what they are. */
const SECRET_KEY = 'sk_test_simulator';
const PUBLISHABLE_KEY = 'pk_test_simulator';
const LIVE_KEY = /^(sk|rk)_live_/;

/** Who takes the cards: Stripe as soon as the environment names a key, else a simulator in this process. */
export interface Cards {
  /** Undefined where Stripe itself takes them. */
  readonly simulatorUrl: string | undefined;
  /** What payments is told beyond the outer environment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly why: string;
  close(): Promise<void>;
}

export interface CardsOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly layout: Pick<Layout, 'stripeSimulatorFile'>;
  /** Of the simulator: the next free one when it is taken, 0 for any. */
  readonly port: number;
  /** Where the simulator reports, and what it signs with. */
  readonly webhook: { readonly url: string; readonly secret: string };
}

/** With a key nothing is started, and payments itself says what is missing beside it. */
export async function startCards({ environment, layout, port, webhook }: CardsOptions): Promise<Cards> {
  const { STRIPE_SECRET_KEY: key } = environment;
  if (key) return { simulatorUrl: undefined, variables: {}, why: `Stripe (${stripeModeOf(key)})`, close: async () => undefined };
  const { startSimulator } = await import('@tessera/stripe-simulator'); // loaded late, because the build may still have to make it
  const simulator = await startSimulator({
    ...{ port: await findFreePort(port), dataFile: layout.stripeSimulatorFile, webhook },
    ...{ secretKey: SECRET_KEY, publishableKey: PUBLISHABLE_KEY },
  });
  const { url } = simulator;
  try {
    await reportOnlyTo(webhook, simulator);
  } catch (error) {
    await simulator.close();
    throw error;
  }
  return {
    simulatorUrl: url,
    variables: simulatorVariables(url, webhook.secret),
    why: `simulator at ${url} (set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET for Stripe itself)`,
    close: () => simulator.close(),
  };
}

/** What payments is told so that it takes the simulator for Stripe. @param webhookSecret `passwords.stripeWebhook` of the stack's secrets */
export function simulatorVariables(url: string, webhookSecret: Secrets['passwords']['stripeWebhook']): Record<string, string> {
  return {
    STRIPE_SECRET_KEY: SECRET_KEY,
    STRIPE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    STRIPE_API_BASE: url,
  };
}

export function stripeModeOf(key: string): 'live' | 'test mode' {
  return LIVE_KEY.test(key) ? 'live' : 'test mode';
}

/** The data remember the port and the secret of earlier starts; what is sent there reaches nobody, or somebody else. */
async function reportOnlyTo(webhook: CardsOptions['webhook'], { url, control }: RunningSimulator): Promise<void> {
  await control.setWebhook(webhook);
  const headers = { authorization: `Bearer ${SECRET_KEY}` };
  const answer = await fetch(`${url}/v1/webhook_endpoints?limit=100`, { headers });
  const { data } = (await answer.json()) as { data: readonly { id: string; url: string; description: string | null }[] }; // Stripe's list
  for (const { id } of data.filter((endpoint) => endpoint.description === 'Configured' && endpoint.url !== webhook.url))
    await fetch(`${url}/v1/webhook_endpoints/${id}`, { method: 'DELETE', headers });
}
