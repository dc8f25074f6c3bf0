/** When to look next at what only time decides: after as long again as it has lasted, within bounds. */
export function lookAgainAt(since: Date, now: Date, { firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number }): Date {
  const ageMs = Math.max(now.getTime() - since.getTime(), 0);
  return new Date(now.getTime() + Math.min(Math.max(ageMs, firstMs), Math.max(maxMs, firstMs)));
}
