import type { IdKind } from '@tessera/schema/contract';
import { isId } from '@tessera/service-kit/ids';
import { z } from 'zod';

/** An id of this kind; whether there is such a thing is another question. */
export function idOf(kind: IdKind) {
  return z.string().refine((text) => isId(kind, text), `must be the id of a ${kind}`);
}
