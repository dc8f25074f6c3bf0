interface Amount {
  readonly currency: string;
  readonly minor: string;
  readonly decimal: string;
}

export function show({ decimal, currency }: Amount): string {
  return `${decimal} ${currency}`;
}

/** Exact: minor units never become a JavaScript number. */
export function minor({ minor: text }: Amount): bigint {
  return BigInt(text);
}

export function showMinor(amountMinor: bigint, like: Amount): string {
  const digits = like.decimal.split('.')[1]?.length ?? 0;
  const text = amountMinor.toString().padStart(digits + 1, '0');
  return `${digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`} ${like.currency}`;
}
