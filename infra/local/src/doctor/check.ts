export type CheckStatus = 'ok' | 'warn' | 'fail';

export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found, and for anything but ok what to do about it. */
  readonly detail: string;
}

const NAME_WIDTH = 18;

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail };
}

export function warn(name: string, detail: string): Check {
  return { name, status: 'warn', detail };
}

export function fail(name: string, detail: string): Check {
  return { name, status: 'fail', detail };
}

export function line({ name, status, detail }: Check): string {
  return `${status.padEnd(4)}  ${name.padEnd(NAME_WIDTH)}  ${detail}`;
}
