import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { importRules, kitLevels } from './rules.ts';

const root = join(import.meta.dirname, '../../../..');
const fixtures = join(root, 'infra/tooling/fixtures/import-rules');
const rules = [...new Set(importRules.map(({ name }) => name ?? ''))];
const options = await extractOptions(join(root, '.dependency-cruiser.mjs'));
const laidOut: string[] = [];

afterAll(() => {
  for (const tree of laidOut) rmSync(tree, { recursive: true });
});

describe('import rules', () => {
  it('MUST each have a bad tree', () => {
    expect(
      readdirSync(fixtures, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name),
    ).toEqual(rules.toSorted());
  });

  it.each(rules)('fires %s on every bad file of its tree, and nothing else', async (rule) => {
    const tree = layOut(rule);
    const { violations } = (await look(tree)).summary;

    expect(new Set(violations.map((violation) => violation.rule.name))).toEqual(new Set([rule]));
    expect([...new Set(violations.map(({ from }) => from))].toSorted()).toEqual(badFiles(tree));
  });

  it('sees an import in whatever syntax it hides', async () => {
    const tree = layOut('resolvable');
    const { violations } = (await look(tree)).summary;

    const seen = violations.map(({ to }) => to).filter((to) => to.startsWith('./missing-'));
    const written = badFiles(tree).flatMap((file) => readFileSync(join(tree, file), 'utf8').match(/\.\/missing-[a-z-]+\.\w+/g) ?? []);
    expect(written.length).toBeGreaterThan(40);
    expect(seen.toSorted()).toEqual(written.toSorted());
  });

  it('follows a workspace name through its link and its exports to the sources', async () => {
    const { modules } = await look(layOut('composition-root-only'));

    const stack = modules.find(({ source }) => source === 'infra/local/src/index.ts');
    expect(stack?.dependencies.map(({ resolved }) => resolved)).toEqual(['gateway/src/gateway.ts', 'subgraphs/orders/src/subgraph.ts']);
  });

  it('has a place for every folder of the kit', () => {
    const folders = readdirSync(join(root, 'subgraphs/service-kit/src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(kitLevels.flat()).toEqual(expect.arrayContaining(folders.map(({ name }) => name)));
  });

  it('finds nothing to say against this repository, and looks at all of it', async () => {
    const { summary } = await look(root);

    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    expect(summary.totalCruised).toBeGreaterThan(100);
  });
});

/** The bad tree in a repository of its own: real manifests, workspaces linked as npm links them, packages as installed here. */
function layOut(rule: string): string {
  const tree = mkdtempSync(join(tmpdir(), `tessera-${rule}-`));
  laidOut.push(tree);
  for (const workspace of workspaces()) {
    mkdirSync(join(tree, workspace), { recursive: true });
    cpSync(join(root, workspace, 'package.json'), join(tree, workspace, 'package.json'));
    link(join(tree, workspace), join(tree, 'node_modules', manifest(workspace).name));
  }
  for (const name of ['pg', '@mikro-orm', 'ioredis', 'type-graphql'])
    link(join(root, 'node_modules', name), join(tree, 'node_modules', name));
  cpSync(join(fixtures, rule), tree, { recursive: true });
  return tree;
}

async function look(baseDir: string): Promise<ICruiseResult> {
  const tops = ['schema', 'subgraphs', 'gateway', 'clients', 'infra'];
  const { output } = await cruise(tops, { ...options, baseDir });
  if (typeof output === 'string') throw new Error(output);
  return output;
}

function badFiles(tree: string): string[] {
  return readdirSync(tree, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^bad[-.]/.test(basename(file)) && !file.includes('node_modules'))
    .toSorted();
}

function workspaces(): string[] {
  return manifest('.').workspaces ?? [];
}

function manifest(folder: string): { readonly name: string; readonly workspaces?: string[] } {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(relative(dirname(path), target), path);
}
