import type { EntityManager } from '@tessera/service-kit/persistence';
import type { ProviderAdapter } from '../provider/provider-adapter.ts';
import type { Act, PaymentsServices } from '../services.ts';
import type { CallKind } from './call-kind.ts';
import type { ProviderCallEntity } from './provider-call.entity.ts';

/** What an answer leads to, within the transaction that also ends the call. Facts of a provider may come twice: it decides by what is stored. */
export type ApplyAnswer = (act: Act) => Promise<AfterCall>;

/** AGAIN: the same is asked once more at that time, as long as there is no final answer. */
export type AfterCall = { readonly kind: 'DONE' } | { readonly kind: 'AGAIN'; readonly at: Date };

/** How a call is left. GIVEN_UP: a person knows; it is asked again now and then all the same. */
export type CallEnd =
  | { readonly state: 'DONE' }
  | {
      readonly state: 'DUE' | 'GIVEN_UP';
      readonly dueAt: Date;
      readonly failures: number;
      readonly error?: string;
      /** The provider has certainly not heard of this request. */
      readonly wasNotSent?: boolean;
    };

export const DONE: AfterCall = { kind: 'DONE' };

export interface CallMeans {
  readonly adapter: ProviderAdapter;
  /** For reading; outside of any transaction. */
  readonly em: EntityManager;
  readonly services: PaymentsServices;
  readonly now: Date;
  /** Whether the provider certainly has not heard of it before: no process died over it, and no answer got lost. */
  readonly isFirstTime: boolean;
  /** Asked so long ago that the provider may have forgotten the key: then the object is looked for before it is asked for again. */
  readonly isKeyStale: boolean;
}

/** How one kind of call is made: asks without a transaction, and answers what to write. */
export interface CallHandler {
  readonly perform: (call: ProviderCallEntity, means: CallMeans) => Promise<ApplyAnswer>;
  /** The provider will never do this, or does not know the object. */
  readonly refused: (call: ProviderCallEntity, reason: string, act: Act) => Promise<void>;
  /** Nobody knows, and asking has not helped so far: a person has to look. Told once per row of failures. */
  readonly givenUp: (call: ProviderCallEntity, act: Act) => Promise<void>;
}

export type CallHandlers = Readonly<Record<CallKind, CallHandler>>;
