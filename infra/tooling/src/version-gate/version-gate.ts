export interface MinimumVersion {
  readonly name: string;
  readonly minimum: string;
  /** Must be in the lockfile; otherwise it is judged only when it is there. */
  readonly required: boolean;
  /** The advisory that the minimum closes. */
  readonly reason: string;
}

/** The part of package-lock.json (version 3) that is read. `name` is there when a package is installed under another one. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly name?: string; readonly link?: boolean }>>;
}

export interface Refusal extends MinimumVersion {
  /** Where it is installed and as what, or null where a required package is missing. */
  readonly found: { readonly path: string; readonly version: string } | null;
}

/** Every copy counts, however deep: an old one below another package is the one that gets loaded there. */
export function refusalsOf(minimums: readonly MinimumVersion[], lockfile: Lockfile): readonly Refusal[] {
  return minimums.flatMap((entry): readonly Refusal[] => {
    const copies = copiesOf(entry.name, lockfile);
    if (copies.length === 0) return entry.required ? [{ ...entry, found: null }] : [];
    return copies.filter(({ version }) => isOlder(version, entry.minimum)).map((found) => ({ ...entry, found }));
  });
}

function copiesOf(name: string, { packages }: Lockfile): { readonly path: string; readonly version: string }[] {
  return Object.entries(packages)
    .filter(([path, entry]) => !entry.link && (entry.name ?? path.split('node_modules/').at(-1)) === name)
    .map(([path, { version }]) => ({ path, version: version ?? 'unknown' }));
}

/** Order of precedence as in semver.org, section 11; a pre-release counts as older than its release, whatever it is called. */
export function isOlder(version: string, minimum: string): boolean {
  const [actual, least] = [parse(version), parse(minimum)];
  const position = least.numbers.findIndex((number, index) => number !== actual.numbers[index]);
  if (position === -1) return actual.isPrerelease && !least.isPrerelease;
  return (actual.numbers[position] ?? -1) < (least.numbers[position] ?? 0);
}

/** What is no version cannot be shown to be new enough, so it counts as the oldest. */
function parse(version: string): { readonly numbers: readonly number[]; readonly isPrerelease: boolean } {
  const match = /^(\d+)\.(\d+)\.(\d+)(-)?/.exec(version);
  if (!match) return { numbers: [-1, -1, -1], isPrerelease: false };
  return { numbers: match.slice(1, 4).map(Number), isPrerelease: match[4] !== undefined };
}
