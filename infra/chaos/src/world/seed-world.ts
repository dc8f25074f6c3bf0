import type { Hosted } from '@tessera/local';
import { inBatches } from '../patience.ts';

/** Of worlds that live for a run only. */
export const PASSWORD = 'gravel-lantern-orbit-57';
export const CURRENCIES = ['USD', 'EUR'] as const;
export type Currency = (typeof CURRENCIES)[number];

const FUNDS_MINOR = 100_000_000n;
const STOCK = 1_000_000;
const DIGITAL_UNITS = 600;
const HASHES_AT_ONCE = 4;
const EUR_PER_USD = 0.92;

export interface Account {
  readonly id: string;
  readonly email: string;
}

export interface Buyer extends Account {
  /** By currency. */
  readonly wallets: Readonly<Record<Currency, string>>;
}

/** Who lives in a world, and what is sold there. */
export interface Inhabitants {
  readonly buyers: readonly Buyer[];
  readonly admin: Account;
  readonly variantIds: readonly string[];
}

const PRODUCTS = [
  { slug: 'chaos-lamp', title: 'Lamp', kind: 'PHYSICAL', usdMinor: 3_999, vendor: 0 },
  { slug: 'chaos-pan', title: 'Pan', kind: 'PHYSICAL', usdMinor: 5_401, vendor: 1 },
  { slug: 'chaos-socks', title: 'Socks', kind: 'PHYSICAL', usdMinor: 833, vendor: 0 },
  { slug: 'chaos-tent', title: 'Tent', kind: 'PHYSICAL', usdMinor: 32_917, vendor: 1 },
  { slug: 'chaos-licence', title: 'Licence', kind: 'DIGITAL_UNITS', usdMinor: 1_507, vendor: 0 },
] as const;

/** Through the services' own rules: accounts, money from the bank, products in stock. */
export async function seedWorld(hosted: Hosted, buyerCount: number): Promise<Inhabitants> {
  const person = (name: string, roles: readonly ('CUSTOMER' | 'VENDOR' | 'ADMIN')[]) => ensureAccount(hosted, name, roles);
  const admin = await person('admin', ['CUSTOMER', 'ADMIN']);
  const vendors = await Promise.all(['vendor-1', 'vendor-2'].map((name) => person(name, ['CUSTOMER', 'VENDOR'])));
  const buyers: Buyer[] = [];
  await inBatches(
    Array.from({ length: buyerCount }, (_, index) => index),
    HASHES_AT_ONCE,
    async (index) => {
      const account = await person(`buyer-${index + 1}`, ['CUSTOMER']);
      buyers[index] = { ...account, wallets: await fund(hosted, account) };
    },
  );
  const categoryId = await hosted.catalog.services.operator.ensureCategory({ slug: 'chaos', name: 'Chaos', parentId: null });
  const variantIds: string[] = [];
  for (const product of PRODUCTS) variantIds.push(await sell(hosted, product, vendors[product.vendor]?.id ?? admin.id, categoryId));
  return { buyers, admin, variantIds };
}

async function ensureAccount({ users }: Hosted, name: string, roles: readonly ('CUSTOMER' | 'VENDOR' | 'ADMIN')[]): Promise<Account> {
  const email = `${name}@chaos.example`;
  const id = await users.services.operator.ensureUser({
    ...{ email, password: PASSWORD, displayName: name, handle: `chaos${name.replaceAll('-', '')}` },
    roles: [...roles],
  });
  return { id, email };
}

async function fund({ ledger }: Hosted, { id, email }: Account): Promise<Record<Currency, string>> {
  const wallets = {} as Record<Currency, string>; // filled below, for every currency
  for (const currency of CURRENCIES) {
    const funding = { walletOwnerId: id, currency, amountMinor: FUNDS_MINOR, factKey: `chaos/${email}/${currency}` };
    wallets[currency] = (await ledger.services.operator.fund(funding)).walletId;
  }
  return wallets;
}

async function sell(
  { catalog, orders }: Hosted,
  { slug, title, kind, usdMinor }: (typeof PRODUCTS)[number],
  vendorId: string,
  categoryId: string,
): Promise<string> {
  const sku = slug.toUpperCase();
  const prices = [
    { currency: 'USD' as const, minor: BigInt(usdMinor) },
    { currency: 'EUR' as const, minor: BigInt(Math.round(usdMinor * EUR_PER_USD)) },
  ];
  const isPhysical = kind === 'PHYSICAL';
  const { variants } = await catalog.services.operator.ensureProduct({
    ...{ slug, title, description: 'Sold where everything goes wrong.', kind, publish: true, vendorId, categoryId, options: [] },
    variants: [{ sku, title, optionValues: [], prices, weightGrams: isPhysical ? 100 : null }],
  });
  const variantId = variants[sku];
  if (!variantId) throw new Error(`The catalog lost the variant ${sku}.`);
  if (isPhysical) await orders.services.operator.setStock({ variantId, onHand: STOCK, reason: 'opening stock' });
  else {
    const secrets = Array.from({ length: DIGITAL_UNITS }, (_, index) => `CHAOS-${index}`);
    await orders.services.operator.depositUnits({ variantId, secrets, factKey: `chaos/${sku}` });
  }
  return variantId;
}
