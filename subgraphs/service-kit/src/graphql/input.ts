import type { ZodType, z } from 'zod';
import { InvalidInput } from './problems.ts';

/** More than anybody mends at a time; a list of a thousand entries may be wrong in every one. */
const MAX_ISSUES = 100;

/**
 * Checks input against the rules that the GraphQL type system cannot hold (lengths, ranges, combinations). Answers the refusal to return
 * from the use case, or null when all is well. Paths start at `input`.
 */
export function refuseInvalid(schema: ZodType, input: object): InvalidInput | null {
  const checked = schema.safeParse(input);
  if (checked.success) return null;
  return new InvalidInput(
    checked.error.issues.slice(0, MAX_ISSUES).map((issue) => ({
      path: ['input', ...issue.path.map(String)],
      code: codeOf(issue),
      message: issue.message,
    })),
  );
}

/** A rule of one's own names its code in `params`. */
function codeOf(issue: z.core.$ZodIssue): string {
  const given: unknown = issue.code === 'custom' ? issue.params?.code : undefined;
  return typeof given === 'string' ? given : issue.code;
}

/** One refusal by hand, for rules that need the database. */
export function invalidField(path: string, code: string, message: string): InvalidInput {
  return new InvalidInput([{ path: ['input', ...path.split('.')], code, message }]);
}
