import { expect, test } from '@jest/globals';
import { Histogram as Reference, Registry } from 'prom-client';
import { createMetrics } from './metrics.ts';

const OPTIONS = { name: 'wait_seconds', help: 'How long it takes.', buckets: [0.01, 0.1, 1] };
const VALUES = [0, 0.01, 0.010_001, 0.5, 1, 7, 0.1];

test('prints what the histogram of prom-client prints', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ service: 'kit' });
  const reference = new Reference({ ...OPTIONS, labelNames: ['part', 'outcome'], registers: [registry] });
  const metrics = createMetrics('kit');
  const own = metrics.histogram({ ...OPTIONS, labelNames: ['part', 'outcome'] });
  for (const [at, value] of VALUES.entries()) {
    const labels = { part: at % 2 === 0 ? 'a"b' : 'c', outcome: 'ok' };
    reference.labels(labels).observe(value);
    own.labels(labels).observe(value);
  }
  expect(await metrics.text()).toBe(await registry.metrics());
});

test('without labels, prints zeros before anything is observed', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ service: 'kit' });
  const reference = new Reference({ ...OPTIONS, registers: [registry] });
  const metrics = createMetrics('kit');
  const own = metrics.histogram(OPTIONS);
  expect(await metrics.text()).toBe(await registry.metrics());
  reference.observe(0.2);
  own.observe(0.2);
  expect(await metrics.text()).toBe(await registry.metrics());
});

test('refuses a second metric of one name', () => {
  const metrics = createMetrics('kit');
  metrics.histogram(OPTIONS);
  expect(() => metrics.histogram(OPTIONS)).toThrow('already been registered');
});
