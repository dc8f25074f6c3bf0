import type { ServerResponse } from 'node:http';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { HttpRequest } from './request.ts';

const SECONDS_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Asked for every few seconds by machines: only worth a line when looking for something. */
const QUIET_PATHS = new Set(['/health/live', '/health/ready', '/metrics']);

/** Writes one line and one measurement per request, when its answer is complete or its client gone. The query is left out: it may hold tokens. */
export function createRecorder(log: Logger, metrics: Metrics): (request: HttpRequest, response: ServerResponse, route: string) => void {
  const duration = metrics.histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS_BUCKETS,
  });
  const series = new Map<string, ReturnType<typeof duration.labels>>();
  const seriesOf = (method: string, route: string, status: number) => {
    const key = `${method} ${status} ${route}`;
    const known = series.get(key) ?? duration.labels({ method, route, status });
    series.set(key, known); // as bounded as the labels are
    return known;
  };
  return (request, response, route) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const durationMs = performance.now() - startedAt;
      const status = response.headersSent ? response.statusCode : 0;
      seriesOf(request.method, route, status).observe(durationMs / 1_000);
      const level = QUIET_PATHS.has(request.path) ? 'debug' : 'info';
      if (!log.isEnabled(level)) return;
      const facts = {
        requestId: request.requestId,
        traceId: request.traceparent.slice(3, 35),
        method: request.method,
        path: request.path,
        status,
        durationMs: Math.round(durationMs * 100) / 100,
        clientAddress: request.clientAddress,
        ...(response.writableFinished ? {} : { isAborted: true }),
      };
      log[level](facts, 'request');
    });
  };
}
