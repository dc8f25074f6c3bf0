import { type SimulatorControl, SimulatorError } from './types.ts';

export const CONTROL_PATH = '/_simulator';

/** Every method of the control API; `isRead` ones can be asked with GET. */
const METHODS: Readonly<Record<keyof SimulatorControl, { readonly isRead: boolean }>> = {
  reset: { isRead: false },
  advanceClock: { isRead: false },
  now: { isRead: true },
  setFaults: { isRead: false },
  faults: { isRead: true },
  injected: { isRead: true },
  setWebhook: { isRead: false },
  rotateWebhookSecret: { isRead: false },
  payCheckoutSession: { isRead: false },
  payAfterAll: { isRead: false },
  abandonCheckoutSession: { isRead: false },
  confirmPaymentIntent: { isRead: false },
  resolveThreeDSecure: { isRead: false },
  openDispute: { isRead: false },
  closeDispute: { isRead: false },
  failRefund: { isRead: false },
  settleIn: { isRead: false },
  succeedRefund: { isRead: false },
  chargesFor: { isRead: false },
  refundsFor: { isRead: false },
  books: { isRead: true },
  balanceTransactions: { isRead: true },
  events: { isRead: true },
  deliveries: { isRead: true },
  resend: { isRead: false },
  resendTwice: { isRead: false },
  hold: { isRead: false },
  release: { isRead: false },
  forge: { isRead: false },
  pendingDeliveries: { isRead: true },
};

interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** `POST /_simulator/<method>` with a JSON array of arguments; answers `{ result }` or `{ error: { code, message } }`. */
export async function serveControl(control: SimulatorControl, method: string, path: string, body: string): Promise<HttpAnswer> {
  const name = path.slice(CONTROL_PATH.length + 1);
  if (!isMethod(name)) return errorAnswer(404, 'no_such_method', `There is no control method '${name}'.`);
  if (method !== 'POST' && !(method === 'GET' && METHODS[name].isRead))
    return errorAnswer(405, 'method_not_allowed', `Use POST for ${name}.`);
  try {
    const call = control[name] as (...all: unknown[]) => Promise<unknown>; // what comes over the wire is checked by what the call does with it
    const result = await call(...parseArguments(body));
    return { status: 200, body: JSON.stringify({ result: result ?? null }) };
  } catch (error) {
    if (error instanceof SimulatorError) return errorAnswer(400, error.code, error.message);
    console.error(error);
    return errorAnswer(500, 'internal', 'The simulator failed.');
  }
}

/** The control API of a simulator in another process. @param url `http://127.0.0.1:PORT` */
export function connectControl(url: string): SimulatorControl {
  const base = `${url.replace(/\/$/, '')}${CONTROL_PATH}`;
  const remote = Object.keys(METHODS).map((name) => [name, (...parameters: unknown[]) => callRemote(`${base}/${name}`, parameters)]);
  return Object.fromEntries(remote) as SimulatorControl; // METHODS has every name
}

async function callRemote(url: string, parameters: readonly unknown[]): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(parameters) });
  const answer = (await response.json()) as { result?: unknown; error?: { code: string; message: string } }; // what serveControl answers
  if (answer.error) throw new SimulatorError(answer.error.code, answer.error.message);
  return answer.result ?? undefined;
}

function parseArguments(body: string): readonly unknown[] {
  if (body.trim() === '') return [];
  try {
    const parsed: unknown = JSON.parse(body);
    // JSON has no undefined: an argument that was left out came as null.
    if (Array.isArray(parsed)) return parsed.map((one: unknown) => one ?? undefined);
  } catch {
    // Said below, as for any other content.
  }
  throw new SimulatorError('arguments_invalid', 'The body must be a JSON array of arguments.');
}

function isMethod(name: string): name is keyof SimulatorControl {
  return Object.hasOwn(METHODS, name);
}

function errorAnswer(status: number, code: string, message: string): HttpAnswer {
  return { status, body: JSON.stringify({ error: { code, message } }) };
}
