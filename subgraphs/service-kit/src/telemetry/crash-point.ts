import { ConfigError } from '../config/index.ts';

/** Marks a place where a process may be made to die. Costs a comparison where nothing was asked for. */
export type CrashPoint = (name: string) => void;

const FORM = /^([\w.-]+?)(?:#([1-9]\d{0,5}))?$/;

/**
 * Ends the process with SIGKILL at the nth passing of one named point, so that a test can go through all of them: finite, and stronger than
 * killing at random. @param setting `payments.refund.answered#2`, the ordinal defaulting to the first; undefined for never
 * @throws ConfigError where it is asked for in production
 */
export function createCrashPoint(
  setting: string | undefined,
  { service, isProduction }: { readonly service: string; readonly isProduction: boolean },
): CrashPoint {
  if (setting === undefined) return () => undefined;
  const [, name, ordinal = '1'] = FORM.exec(setting) ?? [];
  if (isProduction) throw new ConfigError(service, [{ variable: 'CRASH_AT', text: 'is for tests, which production refuses' }]);
  if (!name)
    throw new ConfigError(service, [{ variable: 'CRASH_AT', text: 'is not valid: expected a name such as payments.refund.answered#2' }]);
  let left = Number(ordinal);
  return (passed) => {
    if (passed !== name) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
