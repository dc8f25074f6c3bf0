/** The signing secrets of an endpoint. The API shows one in the answer to its creation only. */
export interface EndpointSecret {
  /** The endpoint. */
  readonly id: string;
  readonly secret: string;
  /** After a rotation, signs as well until the overlap ends. */
  readonly previous: { readonly secret: string; readonly until_ms: number } | null;
}

export interface DeliveryAttempt {
  readonly at_ms: number;
  /** HTTP status; null when no answer came. */
  readonly status: number | null;
  readonly error: string | null;
  readonly duration_ms: number;
}

/** `EVENT` is retried by the schedule; the others are sent once. */
export type DeliveryKind = 'EVENT' | 'DUPLICATE' | 'RESEND' | 'FORGED';

export type DeliveryState = 'PENDING' | 'HELD' | 'DELIVERED' | 'FAILED';

/** One event on its way to one endpoint. */
export interface DeliveryRecord {
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly event: string;
  readonly type: string;
  readonly endpoint: string;
  readonly url: string;
  readonly state: DeliveryState;
  readonly attempts: readonly DeliveryAttempt[];
}

/** A delivery that waits for its instant: those that are done or held are not here, so that looking for the next one is quick. */
export interface DueDelivery {
  /** The delivery. */
  readonly id: string;
  readonly at_ms: number;
}
