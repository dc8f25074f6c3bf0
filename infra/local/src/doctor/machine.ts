import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { availableMemory } from 'node:process';
import type { Layout } from '../layout.ts';
import { type Check, fail, ok, warn } from './check.ts';

const NODE_MAJOR = 24;
const MIB = 1024 * 1024;
const DISK_MIB = { needed: 512, comfortable: 2_048 };
const MEMORY_MIB = { needed: 512, comfortable: 1_024 };
const FILES = { needed: 1_024, comfortable: 4_096 };
/** Found in every complete installation; the stores cannot start without them. */
const PACKAGES = ['pg', 'ioredis'];

export function checkNode(): Check {
  const isEnough = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR;
  return isEnough
    ? ok('node', process.versions.node)
    : fail(
        'node',
        `${process.versions.node} is too old. Run "npm ci" and then "npm run doctor", which use the Node ${NODE_MAJOR} of node_modules, or install Node ${NODE_MAJOR}.`,
      );
}

export function checkPackages({ checkout }: Layout): Check {
  const require = createRequire(join(checkout, 'package.json'));
  const missing = PACKAGES.filter((name) => !isResolvable(require, name));
  return missing.length === 0
    ? ok('packages', `installed in ${join(checkout, 'node_modules')}`)
    : fail('packages', `${missing.join(', ')} not found. Run "npm ci" in ${checkout}.`);
}

export function checkDisk({ storesDir }: Layout): Check {
  const { bavail, bsize } = statfsSync(nearestExisting(storesDir));
  const free = Math.floor((bavail * bsize) / MIB);
  const detail = `${free} MiB free for ${storesDir}`;
  return graded(
    'disk',
    free,
    DISK_MIB,
    detail,
    `Free some, or choose another disk with --data-dir; ${DISK_MIB.comfortable} MiB are comfortable.`,
  );
}

export function checkMemory(): Check {
  const free = Math.floor(availableMemory() / MIB);
  return graded(
    'memory',
    free,
    MEMORY_MIB,
    `${free} MiB available`,
    `The whole stack takes up to ${MEMORY_MIB.comfortable} MiB: end other programs first.`,
  );
}

/** The hard limit: Node raises the soft one up to it by itself. */
export function checkOpenFiles(): Check {
  const limit = spawnSync('/bin/sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout?.trim();
  const files = limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
  return graded(
    'open files',
    files,
    FILES,
    `up to ${limit} per process`,
    `Raise the hard limit ("ulimit -Hn ${FILES.comfortable}" as root, or in /etc/security/limits.conf).`,
  );
}

function graded(
  name: string,
  found: number,
  { needed, comfortable }: { needed: number; comfortable: number },
  detail: string,
  advice: string,
): Check {
  if (found >= comfortable) return ok(name, detail);
  return found >= needed ? warn(name, `${detail}. ${advice}`) : fail(name, `${detail}. ${advice}`);
}

function isResolvable(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

export function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}
