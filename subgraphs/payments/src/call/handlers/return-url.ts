/** Where the provider's page sends the customer, with what it was about. */
export function returnUrlOf(base: string, about: Readonly<Record<string, string>>): string {
  const url = new URL(base);
  for (const [name, value] of Object.entries(about)) url.searchParams.set(name, value);
  return url.href;
}
