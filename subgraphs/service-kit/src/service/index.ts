export type { DrainOptions } from './drain.ts';
export { atEndOfTurn } from './end-of-turn.ts';
export type { Check, HealthChecks } from './health.ts';
export { createHttpService, type HttpService, type HttpServiceOptions, type UpgradeHandler } from './http-service.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { createMetrics, type Metrics, type MetricsOptions } from './metrics.ts';
export { clientAddressOf } from './request.ts';
export { PayloadTooLarge } from './request-body.ts';
export type { RawAnswer, RawRequest, Route } from './route.ts';
export { type RunningService, type RunOptions, runService } from './run-service.ts';
export {
  childTraceparent,
  newTraceparent,
  nextSpan,
  parseTraceparent,
  requestIdOf,
  type TraceContext,
  traceparentOf,
} from './trace-context.ts';
