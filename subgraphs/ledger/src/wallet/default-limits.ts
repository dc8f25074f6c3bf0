import { isCurrencyCode } from '@tessera/schema/contract';
import { z } from 'zod';
import type { DefaultLimits } from '../engine/index.ts';

const expected = 'a JSON object of minor units by currency, such as {"USD": {"perTransfer": "100000", "perDay": "500000"}}';
const minor = z
  .string({ error: expected })
  .regex(/^\d{1,18}$/, expected)
  .transform(BigInt)
  .nullable()
  .default(null);

const limits = z.record(
  z.string().refine(isCurrencyCode, expected),
  z
    .strictObject({ perTransfer: minor, perDay: minor }, { error: expected })
    .transform(({ perTransfer, perDay }) => ({ perTransferMinor: perTransfer, perDayMinor: perDay })),
  { error: expected },
);

/** What holds for senders for whom nobody has set anything, as JSON by currency; by default nothing. */
export function defaultLimits() {
  return z
    .string({ error: expected })
    .default('{}')
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: expected });
        return z.NEVER;
      }
    })
    .pipe(limits)
    .transform((found): DefaultLimits => found);
}
