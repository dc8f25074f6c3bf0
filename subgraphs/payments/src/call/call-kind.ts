/** What providers are asked. Each is one phase of its own, with crash points before and after it. */
export const CALL_KINDS = [
  'OPEN_ATTEMPT',
  'READ_ATTEMPT',
  'CLOSE_ATTEMPT',
  'REFUND',
  'READ_DISPUTE',
  'OPEN_METHOD',
  'READ_METHOD',
  'REMOVE_METHOD',
] as const;
export type CallKind = (typeof CALL_KINDS)[number];
