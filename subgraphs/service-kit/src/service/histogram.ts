import type { Metric, Registry } from 'prom-client';

export interface HistogramOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly L[];
  /** Their upper bounds, ascending. */
  readonly buckets: readonly number[];
}

/** One combination of labels. */
export interface Series {
  observe(value: number): void;
}

type Labels = Readonly<Record<string, string | number>>;

/**
 * What several observations per request can afford: the histogram of prom-client checks and hashes the labels at every one, here they are looked up
 * once. Prints as that one does.
 */
export class Histogram<L extends string> {
  private readonly options: HistogramOptions<L>;
  private readonly known = new Map<string, Counts>();
  /** Of the observations without labels. */
  private readonly bare: Series | null;

  constructor(options: HistogramOptions<L>, registry: Registry) {
    this.options = options;
    this.bare = options.labelNames && options.labelNames.length > 0 ? null : this.seriesOf('', {});
    const { name, help } = options;
    const metric = { name, get: async () => ({ name, help, type: 'histogram', values: this.values() }) };
    registry.registerMetric(metric as unknown as Metric); // of a metric, a registry uses the name and what it answers
  }

  /** Looks the labels up: keep what it answers. */
  labels(labels: Readonly<Record<L, string | number>>): Series {
    const { labelNames = [] } = this.options;
    return this.seriesOf(JSON.stringify(labelNames.map((name) => labels[name])), labels);
  }

  /** Where there are no labels. */
  observe(value: number): void {
    if (!this.bare) throw new TypeError(`${this.options.name} has labels.`);
    this.bare.observe(value);
  }

  private seriesOf(key: string, labels: Labels): Counts {
    const known = this.known.get(key);
    if (known) return known;
    const counts = new Counts(this.options.buckets, labels);
    this.known.set(key, counts);
    return counts;
  }

  private values(): Printed[] {
    return [...this.known.values()].flatMap((counts) => counts.values(this.options.name));
  }
}

/** A line, as the registry prints it. */
interface Printed {
  readonly metricName: string;
  readonly labels?: Labels;
  readonly sharedLabels: Labels;
  readonly value: number;
}

class Counts implements Series {
  private readonly bounds: readonly number[];
  private readonly labels: Labels;
  /** By bound, and behind them what is beyond all. */
  private readonly counts: number[];
  private sum = 0;

  constructor(bounds: readonly number[], labels: Labels) {
    this.bounds = bounds;
    this.labels = labels;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1;
    counts[at] = (counts[at] ?? 0) + 1;
    this.sum += value;
  }

  /** Each bound counts what is below it, too. */
  values(name: string): Printed[] {
    const sharedLabels = this.labels;
    let count = 0;
    const buckets = this.counts.map((each, at) => {
      count += each;
      return { metricName: `${name}_bucket`, labels: { le: this.bounds[at] ?? '+Inf' }, sharedLabels, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, sharedLabels, value: this.sum },
      { metricName: `${name}_count`, sharedLabels, value: count },
    ];
  }
}
