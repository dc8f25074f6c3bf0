import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, LocalError } from '../errors.ts';
import { makeFolder } from '../layout.ts';
import { findCommand, isRoot } from '../store-user.ts';

const UPDATE_TIMEOUT_MS = 120_000;
const DOWNLOAD_TIMEOUT_MS = 120_000;
const COMMAND_TIMEOUT_MS = 30_000;

/** Whether packages can be downloaded here at all. */
export function canFetch(): boolean {
  return process.platform === 'linux' && findCommand('apt-get') !== undefined && findCommand('dpkg-deb') !== undefined;
}

/**
 * Downloads a package with the libraries that this machine lacks for it and unpacks them into `target`. Nothing is
 * installed: no service starts, no file outside `target` changes. apt checks the signatures as always.
 * @returns false when no such package is known
 * @throws REDIS_FETCH_FAILED
 */
export async function fetchDebianPackage(name: string, target: string, report: (message: string) => void): Promise<boolean> {
  let packages = missingPackages(name);
  if (packages.length === 0 && isRoot()) {
    report('updating the package lists of this machine');
    await mustRun('apt-get', ['update', '-qq'], '/', UPDATE_TIMEOUT_MS);
    packages = missingPackages(name);
  }
  if (packages.length === 0) return false;

  const draft = `${target}.${process.pid}.new`;
  const archives = join(draft, 'archives');
  rmSync(draft, { recursive: true, force: true });
  makeFolder(dirname(target), 0o755);
  try {
    mkdirSync(archives, { recursive: true });
    report(`fetching ${packages.join(', ')} (not installed, only unpacked in ${dirname(target)})`);
    await mustRun('apt-get', ['download', '-q', ...packages], archives, DOWNLOAD_TIMEOUT_MS);
    const unpacked = join(draft, 'root');
    for (const archive of readdirSync(archives))
      await mustRun('dpkg-deb', ['--extract', join(archives, archive), unpacked], draft, COMMAND_TIMEOUT_MS);
    checkLibraries(join(unpacked, 'usr', 'bin', name), unpacked);
    spawnSync('chmod', ['-R', 'u+rwX,go+rX', unpacked]);
    moveInto(unpacked, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return true;
}

/** The package and what it needs beyond the installed ones, as apt would choose; empty when apt does not know it. */
function missingPackages(name: string): string[] {
  const plan = spawnSync('apt-get', ['install', '--simulate', '--no-install-recommends', name], {
    encoding: 'utf8',
    timeout: COMMAND_TIMEOUT_MS,
    env: commandEnvironment(),
  });
  if (plan.status !== 0) return [];
  return [...plan.stdout.matchAll(/^Inst (\S+) /gm)].map((line) => line[1] ?? '');
}

function checkLibraries(program: string, root: string): void {
  const libraries = ['usr/lib', 'lib'].map((part) => join(root, part)).filter((folder) => existsSync(folder));
  const folders = libraries.flatMap((folder) => [folder, ...readdirSync(folder).map((entry) => join(folder, entry))]);
  const { stdout } = spawnSync('ldd', [program], {
    encoding: 'utf8',
    env: { ...commandEnvironment(), LD_LIBRARY_PATH: folders.join(':') },
  });
  const unresolved = [...(stdout ?? '').matchAll(/^\s*(\S+) => not found/gm)].map((line) => line[1]);
  if (unresolved.length > 0)
    throw new LocalError(
      'REDIS_FETCH_FAILED',
      `The fetched server lacks ${unresolved.join(', ')}. Install it from the distribution instead ("apt-get install redis-server"), or set REDIS_URL.`,
    );
}

function moveInto(unpacked: string, target: string): void {
  // What is there was tried before and did not run.
  rmSync(target, { recursive: true, force: true });
  try {
    renameSync(unpacked, target);
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error; // Another launcher was faster.
  }
}

function mustRun(command: string, args: readonly string[], cwd: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: commandEnvironment(), stdio: ['ignore', 'ignore', 'pipe'], timeout: timeoutMs });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-2_000);
    });
    const fail = (reason: string) =>
      reject(
        new LocalError(
          'REDIS_FETCH_FAILED',
          `"${command} ${args.join(' ')}" failed (${reason}). ${output.trim()} Install redis-server yourself, or set REDIS_URL.`,
        ),
      );
    child.once('error', (error) => fail(error.message));
    child.once('close', (code, signal) => (code === 0 ? resolve() : fail(signal ?? `exit code ${code}`)));
  });
}

function commandEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
}
