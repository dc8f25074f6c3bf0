import { type Bar, median } from '../bars.ts';

/** What one round of load on one gateway showed. */
export interface Measurement {
  readonly name: string;
  readonly requestsPerSecond: number;
  /** Requests for each second of CPU that the gateway's process took. */
  readonly requestsPerCpuSecond: number;
  /** The same for the gateway's process and that of the subgraphs together. */
  readonly requestsPerCpuSecondOfAll: number;
  readonly cpuMsPerRequest: number;
  readonly p50: number;
  readonly p99: number;
  /** What everybody else on the machine took meanwhile, in cores: p50 and p99 hold their turns, too. */
  readonly othersCores: number;
  /** Answers that were not 200, or began with errors. */
  readonly failures: number;
}

/** Workload and gateway → its rounds. */
export type Measured = Map<string, Measurement[]>;
type Figure = Exclude<keyof Measurement, 'name' | 'failures'>;

/**
 * G1 to G4. G1 to G3 by requests for each second of the gateway's CPU, which others on the machine disturb least. G4 by the CPU of gateway and
 * subgraphs together: in process the gateway's process does the work of the subgraphs, too, and its own CPU would compare all of the work with a part.
 */
export function barsOf(measured: Measured): readonly Bar[] {
  const compare = (id: string, what: string, bar: string, [ours, peer]: Pair, figure: Figure, holds: (ratio: number) => boolean): Bar => {
    const [rounds, against] = [measured.get(ours) ?? [], measured.get(peer) ?? []];
    const value = median(rounds.map((each) => each[figure]));
    const peerValue = against.length === 0 ? null : median(against.map((each) => each[figure]));
    const ratio = peerValue === null ? null : value / peerValue;
    const isSound = [...rounds, ...against].every(({ failures }) => failures === 0);
    return {
      id,
      what,
      value,
      peer: peerValue,
      ratio,
      bar,
      holds: isSound && ratio !== null && holds(ratio),
      rounds: rounds.map((each) => each[figure]),
    };
  };
  const atLeast = (id: string, what: string, factor: number, pair: Pair, figure: CpuFigure = 'requestsPerCpuSecond') =>
    compare(id, `requests per CPU second${CPU_OF[figure]}, ${what}`, `≥ ${factor} ×`, pair, figure, (ratio) => ratio >= factor);
  const own: Pair = ['own Tessera, HTTP', 'own stock executor, HTTP'];
  const inProcess: Pair = ['own Tessera, in process', 'own Tessera, HTTP'];
  return [
    atLeast('G1', 'nested query, against the stock Apollo Gateway', 12, ['nested Tessera', 'nested stock Apollo Gateway']),
    atLeast('G1h', 'nested query, against Hive Gateway with its Rust planner', 4, ['nested Tessera', 'nested Hive Gateway, Rust planner']),
    atLeast('G2', 'nested query collapsed, against Hive Gateway collapsing', 3, [
      'nested Tessera, collapsing',
      'nested Hive Gateway, Rust planner, collapsing',
    ]),
    atLeast('G3', 'own queries, against the stock executor', 4, own),
    compare('G3p', 'p99 in ms, own queries, against the stock executor', '≤ 1/3 ×', own, 'p99', (ratio) => ratio <= 1 / 3),
    atLeast('G4', `own queries, in process against HTTP${besides(measured, inProcess)}`, 1.5, inProcess, 'requestsPerCpuSecondOfAll'),
  ];
}

type CpuFigure = 'requestsPerCpuSecond' | 'requestsPerCpuSecondOfAll';
const CPU_OF: Readonly<Record<CpuFigure, string>> = { requestsPerCpuSecond: '', requestsPerCpuSecondOfAll: ' of gateway and subgraphs' };

type Pair = readonly [ours: string, peer: string];

/** The same by the clock, on which everything else on the machine has its say. */
function besides(measured: Measured, [ours, peer]: Pair): string {
  const [rounds, against] = [measured.get(ours) ?? [], measured.get(peer) ?? []];
  if (rounds.length === 0 || against.length === 0) return '';
  const of = (each: readonly Measurement[]) => median(each.map(({ requestsPerSecond }) => requestsPerSecond));
  return ` (by requests per second ${(of(rounds) / of(against)).toFixed(2)} ×)`;
}

/** The middle of every figure on its own; failures of all rounds. */
export function middle(rounds: readonly Measurement[]): Measurement {
  const [first] = rounds;
  if (!first) throw new Error('Nothing was measured.');
  const of = (figure: Figure) => median(rounds.map((each) => each[figure]));
  return {
    name: first.name,
    requestsPerSecond: of('requestsPerSecond'),
    requestsPerCpuSecond: of('requestsPerCpuSecond'),
    requestsPerCpuSecondOfAll: of('requestsPerCpuSecondOfAll'),
    cpuMsPerRequest: of('cpuMsPerRequest'),
    p50: of('p50'),
    p99: of('p99'),
    othersCores: of('othersCores'),
    failures: rounds.reduce((sum, { failures }) => sum + failures, 0),
  };
}

/** As Markdown, for documents; the first is what the others are compared with. */
export function printTable(title: string, measured: Measured): void {
  const measurements = [...measured.values()].map(middle);
  const first = measurements[0]?.requestsPerCpuSecond ?? Number.NaN;
  console.log(`\n${title}\n`);
  console.log('| gateway | requests/s | requests / CPU s | × first | CPU ms | with subgraphs | p50 ms | p99 ms | cores taken by others |');
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const each of measurements)
    console.log(
      `| ${each.name} | ${each.requestsPerSecond.toFixed(0)} | ${each.requestsPerCpuSecond.toFixed(0)} | ${(each.requestsPerCpuSecond / first).toFixed(1)} | ${each.cpuMsPerRequest.toFixed(2)} | ${(1_000 / each.requestsPerCpuSecondOfAll).toFixed(2)} | ${each.p50.toFixed(1)} | ${each.p99.toFixed(1)} | ${each.othersCores.toFixed(2)} |`,
    );
  for (const { name, failures } of measurements) if (failures > 0) console.log(`${name}: ${failures} answers were not 200, or had errors`);
}
