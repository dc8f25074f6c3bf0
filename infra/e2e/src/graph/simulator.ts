import type { Platform } from '../platform/platform.ts';

/** Asks what only the simulator can tell, or tells it to act: the methods of its `SimulatorControl`, over HTTP. */
export async function askSimulator<Result>(
  { stripeSimulatorUrl }: Platform,
  method: string,
  ...given: readonly unknown[]
): Promise<Result> {
  if (!stripeSimulatorUrl) throw new Error('This stack has a key of Stripe: these tests need the simulator.');
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(given) };
  const answer = await fetch(`${stripeSimulatorUrl}/_simulator/${method}`, request);
  const { result, error } = (await answer.json()) as { readonly result?: Result; readonly error?: { readonly message: string } }; // its protocol
  if (error) throw new Error(`${method}: ${error.message}`);
  return result as Result; // the caller knows the method
}
