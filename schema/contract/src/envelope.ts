import { z } from 'zod';

/**
 * What wraps every event and command. `sequence` counts per aggregate without gaps; `position` counts per stream without gaps and is
 * given by the relay, so it is commit order and survives a flushed Redis.
 */
export const envelopeSchema = z.object({
  id: z.string(),
  type: z.string(),
  version: z.number().int().positive(),
  source: z.string(),
  stream: z.string(),
  aggregateId: z.string(),
  sequence: z.number().int().positive(),
  position: z.number().int().positive(),
  occurredAt: z.iso.datetime(),
  actor: z.string(),
  causationId: z.string().nullable(),
  correlationId: z.string(),
  traceparent: z.string().nullable(),
  payload: z.record(z.string(), z.unknown()),
});

export type Envelope = z.infer<typeof envelopeSchema>;
