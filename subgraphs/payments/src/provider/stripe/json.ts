export type JsonObject = Readonly<Record<string, unknown>>;

/** Lets somebody pay or confirm, or tells who the customer is and where. */
const LEFT_OUT = new Set([
  'client_secret',
  'billing_details',
  'collected_information',
  'customer_details',
  'customer_email',
  'receipt_email',
  'shipping',
  'shipping_details',
  'evidence',
]);

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The same without what nobody needs to keep; of a card only brand and last four digits stay. */
export function withoutSecrets(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([name]) => !LEFT_OUT.has(name))
      .map(([name, value]) => [name, name === 'card' && isObject(value) ? cardOf(value) : cleaned(value)]),
  );
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return isObject(value) ? withoutSecrets(value) : value;
}

function cardOf({ brand, last4 }: JsonObject): JsonObject {
  return { ...(brand !== undefined && { brand }), ...(last4 !== undefined && { last4 }) };
}
