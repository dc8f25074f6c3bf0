import type { Viewer } from '@tessera/service-kit/identity';

/** Everybody in it may see the same. */
export interface Partition {
  /** Equal for viewers with equal rights at one address, and for no others. */
  readonly key: string;
  /** How many queries of this viewer are being answered now. */
  underWay: number;
}

const partitions = new WeakMap<Viewer, Partition>();

export function partitionOf(viewer: Viewer): Partition {
  const known = partitions.get(viewer);
  if (known) return known;
  const { kind, principal, userId, sessionId, roles, scopes, clientAddress } = viewer;
  const key = JSON.stringify([kind, principal, userId, sessionId, [...roles].sort(), [...scopes].sort(), clientAddress]);
  const partition = { key, underWay: 0 };
  partitions.set(viewer, partition);
  return partition;
}
