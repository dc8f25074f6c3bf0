import type { Envelope } from '@tessera/service-kit/crypto';
import { ensure } from '@tessera/service-kit/errors';
import { type EntityManager, type MikroORM, rawSql, transaction } from '@tessera/service-kit/persistence';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { SigningKeyEntity } from './signing-key.entity.ts';
import { publishedKeysAt, rotationAt, signingKeyAt } from './signing-key.ts';

const ALGORITHM = 'EdDSA';
const KEY_RING_LOCK = 727_101;
/** A rotation by another process is seen within this time, which is part of the activation delay. */
const CACHE_MS = 60_000;

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey | Uint8Array;
}

/** The keys that sign access tokens. Several processes share them through the database; the first one to need a key makes it. */
export interface KeyRing {
  signingKey(now: Date): Promise<SigningKey>;
  /** Public keys as others must know them now. */
  publicKeys(now: Date): Promise<readonly JWK[]>;
  /** Publishes a successor, which signs after the activation delay; nobody is logged out. Answers its `kid`; while one is coming, that one. */
  rotate(now: Date): Promise<string>;
}

export function createKeyRing({ orm, envelope }: { readonly orm: MikroORM; readonly envelope: Envelope }): KeyRing {
  let cached: { readonly keys: readonly SigningKeyEntity[]; readonly until: number } | null = null;
  const opened = new Map<string, Promise<CryptoKey | Uint8Array>>();

  const keysAt = async (now: Date): Promise<readonly SigningKeyEntity[]> => {
    if (cached && cached.until > now.getTime()) return cached.keys;
    const stored = await load(orm.em.fork());
    const keys = signingKeyAt(stored, now) ? stored : await createFirst(orm.em, envelope, now);
    cached = { keys, until: now.getTime() + CACHE_MS };
    return keys;
  };
  const open = (key: SigningKeyEntity): Promise<CryptoKey | Uint8Array> => {
    const known = opened.get(key.id) ?? importJWK(JSON.parse(envelope.open(key.sealedPrivateJwk, sealContext(key.id))) as JWK, ALGORITHM); // we sealed a JWK
    opened.set(key.id, known);
    return known;
  };

  return {
    signingKey: async (now) => {
      const key = ensure(signingKeyAt(await keysAt(now), now), 'an active signing key');
      return { kid: key.id, privateKey: await open(key) };
    },
    publicKeys: async (now) => publishedKeysAt(await keysAt(now), now).map((key) => key.publicJwk),
    rotate: async (now) => {
      const kid = await rotate(orm.em, envelope, now);
      cached = null;
      return kid;
    },
  };
}

async function load(em: EntityManager): Promise<SigningKeyEntity[]> {
  return em.find(SigningKeyEntity, {}, { orderBy: { activatesAt: 'asc' } });
}

async function createFirst(em: EntityManager, envelope: Envelope, now: Date): Promise<SigningKeyEntity[]> {
  return locked(em, async (inner) => {
    const stored = await load(inner);
    if (signingKeyAt(stored, now)) return stored;
    await addKey(inner, envelope, now, now);
    return load(inner);
  });
}

async function rotate(em: EntityManager, envelope: Envelope, now: Date): Promise<string> {
  return locked(em, async (inner) => {
    const stored = await load(inner);
    const coming = stored.find((key) => key.activatesAt > now);
    if (coming) return coming.id;
    const { activatesAt, retiresAt } = rotationAt(now);
    for (const key of stored) key.retiresAt ??= retiresAt;
    await inner.flush(); // at most one key may be without an end
    return addKey(inner, envelope, now, activatesAt);
  });
}

function locked<T>(em: EntityManager, work: (em: EntityManager) => Promise<T>): Promise<T> {
  return transaction(em, async (inner) => {
    await rawSql(inner, `select pg_advisory_xact_lock(${KEY_RING_LOCK})`);
    return work(inner);
  });
}

async function addKey(em: EntityManager, envelope: Envelope, now: Date, activatesAt: Date): Promise<string> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  em.create(SigningKeyEntity, {
    id: kid,
    publicJwk: { ...publicJwk, kid, alg: ALGORITHM, use: 'sig' },
    sealedPrivateJwk: envelope.seal(JSON.stringify(await exportJWK(pair.privateKey)), sealContext(kid)),
    createdAt: now,
    activatesAt,
    retiresAt: null,
  });
  await em.flush();
  return kid;
}

function sealContext(kid: string): string {
  return `users/signing_keys/${kid}/private`;
}
