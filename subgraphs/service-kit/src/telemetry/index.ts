export { type CrashPoint, createCrashPoint } from './crash-point.ts';
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/**
 * The seam for traces. `work` gets the telemetry of its own span, and what it starts there is a child: the parent is passed on as an
 * argument, never looked up in an ambient store. A rejected promise or a thrown error marks the span as failed and goes on to the caller.
 */
export interface Telemetry {
  span<T>(name: string, attributes: SpanAttributes, work: (inner: Telemetry) => T): T;
}

/** Records nothing and costs one call. */
export const noTelemetry: Telemetry = {
  span: (_name, _attributes, work) => work(noTelemetry),
};
