import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LEDGER = fileURLToPath(new URL('../../../../subgraphs/ledger/', import.meta.url));
const COPY = '.planted-';

/** A change of the built code. What it stands in place of must be there exactly once; how it is spaced and broken into lines does not matter. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Plant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Changes of the schema. */
  readonly sql?: readonly string[];
}

/** Where a built ledger lies, as a URL. */
export const soundBuild: string = buildAt(join(LEDGER, 'dist'));

/** A copy of the built ledger with the bug in it; removed by whoever asked. */
export function buildWith(plant: Plant): { readonly build: string; remove(): void } {
  const misfits = misfitsOf(plant);
  if (misfits.length > 0) throw new Error(misfits.join('\n'));
  const home = mkdtempSync(join(LEDGER, `${COPY}${process.pid}-`)); // beside the sound build, where the same packages are found
  const folder = join(home, 'dist');
  cpSync(join(LEDGER, 'dist'), folder, { recursive: true });
  for (const { file, find, replace } of plant.edits) {
    const path = join(folder, file);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(looselyAs(find), () => replace),
    );
  }
  return { build: buildAt(folder), remove: () => rmSync(home, { recursive: true, force: true }) };
}

/** Where the bug no longer applies to the built code, as text. */
export function misfitsOf({ name, edits }: Plant): string[] {
  return edits.flatMap(({ file, find }) => {
    const places = textOf(file)?.match(new RegExp(looselyAs(find), 'g'))?.length ?? 0;
    return places === 1 ? [] : [`The bug “${name}” no longer applies: dist/${file} has ${places} places like: ${find}`];
  });
}

/** Copies of runs that were killed. */
export function removeLeftovers(): void {
  for (const name of readdirSync(LEDGER)) {
    const pid = Number(new RegExp(`^\\${COPY}(\\d+)-`).exec(name)?.[1]);
    if (pid && !isAlive(pid)) rmSync(join(LEDGER, name), { recursive: true, force: true });
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(join(LEDGER, 'dist', file), 'utf8');
  } catch {
    return null; // the file has another name now
  }
}

function looselyAs(text: string): RegExp {
  const parts = text.split(/\s+/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('\\s+'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function buildAt(folder: string): string {
  return pathToFileURL(join(folder, '/')).href;
}
