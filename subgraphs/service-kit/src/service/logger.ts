import { type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from '../config/index.ts';
import { prettyStream } from './pretty.ts';
import { redact } from './redact.ts';

/** Facts first, then a short message of fixed text, so that lines can be counted. Secrets among the facts are hidden. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
  fatal(facts: object, message: string): void;
  /** Whether a line of this level would be written: facts that cost something need not be collected for nobody. */
  isEnabled(level: LogLevel): boolean;
  /** A logger that adds these facts to every line. */
  child(facts: object): Logger;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level: LogLevel;
  /** Lines for people instead of JSON. */
  readonly pretty?: boolean;
  /** Where lines go; standard output unless told. */
  readonly destination?: { write(line: string): void };
  /** A file that lines are appended to, instead. */
  readonly file?: string | undefined;
}

/** One JSON object per line: `level`, `time` (RFC 3339), `service`, the facts, `msg`. An error is given as the fact `err`. */
export function createLogger({
  service,
  level,
  pretty = false,
  file,
  destination = file ? appendTo(file) : process.stdout,
}: LoggerOptions): Logger {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: (redacted: unknown) => redacted },
    formatters: { level: (label: string) => ({ level: label }), log: redact },
  };
  return wrap(pino(options, pretty ? prettyStream(destination) : destination));
}

/** Synchronous: the last lines before a crash are the ones that matter. */
function appendTo(file: string): { write(line: string): void } {
  return pino.destination({ dest: file, append: true, mkdir: true, sync: true });
}

/** pino's `formatters.log` does not see the facts of a child, so those are redacted here. */
function wrap(log: PinoLogger): Logger {
  return {
    debug: (facts, message) => log.debug(facts, message),
    info: (facts, message) => log.info(facts, message),
    warn: (facts, message) => log.warn(facts, message),
    error: (facts, message) => log.error(facts, message),
    fatal: (facts, message) => log.fatal(facts, message),
    isEnabled: (level) => log.isLevelEnabled(level),
    child: (facts) => wrap(log.child(redact(facts))),
  };
}
