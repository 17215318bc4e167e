import type { Report, ShapeReport } from './bench.ts';
import { copyName } from './contestant.ts';
import type { Measurement } from './measure.ts';

export interface Machine {
  processor: string;
  cores: number;
  system: string;
  adapter: string;
  /** browser or runtime, with its version */
  runtime: string;
  date: string;
  rounds: number;
}

/** A measurement, as it is written to a file. */
export interface Measured extends Pick<Report, 'shapes' | 'widths'> {
  machine: Machine;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');

export const digits = (x: number): string => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));
export const time = (ms: number): string => (ms >= 1000 ? `${digits(ms / 1000)} s` : `${digits(ms)} ms`);

export const ownName = 'prefscope';
export const find = ({ measurements }: ShapeReport, name: string): Measurement | undefined =>
  measurements.find(({ contestant }) => contestant === name);

/** Bandwidth reached, as a share of the copy kernel's. */
function shareOfCopy(report: ShapeReport): number | null {
  const [own, copy] = [find(report, ownName), find(report, copyName)];
  if (!own || !copy) return null;
  return report.fewestBytes / own.milliseconds / (report.copiedBytes / copy.milliseconds);
}

/** All who were measured at any of the shapes. */
export const contestantsOf = (reports: readonly ShapeReport[]): string[] => [
  ...new Set(reports.flatMap(({ measurements }) => measurements.map(({ contestant }) => contestant))),
];

/** A GPU library that dispatches nothing computes the operation on the CPU. */
export const isOnGpu = ({ contestant, counts }: Measurement): boolean => /WebGPU/.test(contestant) && counts.dispatches > 0;

/** One line a shape: our time, its share of the copy kernel's bandwidth, and how many times as long the others take. */
export function summaryTable(reports: readonly ShapeReport[]): string {
  const others = contestantsOf(reports).filter((name) => name !== ownName && name !== copyName);
  const head = ['kernel and shape', ownName, 'of copy bandwidth', ...others];
  const rows = reports.map((report) => {
    const own = find(report, ownName);
    const share = shareOfCopy(report);
    return [
      report.name,
      own ? time(own.milliseconds) : '–',
      share ? `${(100 * share).toFixed(0)} %` : '–',
      ...others.map((name) => {
        const other = find(report, name);
        if (!own || !other) return '–';
        const mark = /WebGPU/.test(name) && !isOnGpu(other) ? ' (on the CPU)' : other.isExtrapolated ? ' (extrapolated)' : '';
        return `${digits(other.milliseconds / own.milliseconds)}×${mark}`;
      }),
    ];
  });
  return table(head, rows);
}

/** Share of the copy kernel's bandwidth that each kernel reaches at each width of a row. */
export function bandwidthTable(reports: readonly ShapeReport[]): string {
  const widths = [...new Set(reports.map(({ columns }) => columns))];
  const kernels = [...new Set(reports.map(({ kernel }) => kernel))];
  const cell = (kernel: string, width: number): string => {
    const report = reports.find((one) => one.kernel === kernel && one.columns === width);
    const share = report && shareOfCopy(report);
    return share ? `${(100 * share).toFixed(0)} %` : '–';
  };
  return table(
    ['of copy bandwidth, by width of a row', ...widths.map(String)],
    kernels.map((kernel) => [kernel, ...widths.map((width) => cell(kernel, width))]),
  );
}

/** Runs × updates a second. */
export const rate = ({ updates }: ShapeReport, { milliseconds }: Measurement): string =>
  Number(((1000 * updates) / milliseconds).toPrecision(3)).toLocaleString('en');

/** Everything measured at one shape. */
function shapeTable(report: ShapeReport): string {
  const own = find(report, ownName);
  const head = ['contestant', 'way', 'median', '±', 'times ours', 'error', 'relative', 'dispatches', 'submits', 'bound bytes'];
  const rows = report.measurements
    .toSorted((a, b) => a.milliseconds - b.milliseconds)
    .map(({ contestant, way, milliseconds, spread, error, counts }) => [
      contestant,
      way,
      time(milliseconds),
      `${(100 * spread).toFixed(0)} %`,
      own ? digits(milliseconds / own.milliseconds) : '–',
      contestant === copyName ? '–' : error.absolute.toExponential(1),
      contestant === copyName ? '–' : error.relative.toExponential(1),
      String(counts.dispatches),
      String(counts.submits),
      counts.boundBytes ? `${(counts.boundBytes / 1e6).toFixed(2)} MB` : '–',
    ]);
  const speeds = report.measurements.filter(({ contestant }) => contestant !== copyName);
  const trained =
    report.updates === 0
      ? ''
      : `Runs × updates a second: ${speeds.map((m) => `${m.contestant} ${rate(report, m)}${m.cold ? ` (first call ${time(m.cold)})` : ''}`).join(', ')}.\n`;
  const fewest = report.fewestBytes ? `Fewest bytes: ${(report.fewestBytes / 1e6).toFixed(2)} MB.\n` : '';
  const failures = report.failures.map(({ contestant, reason }) => `\n${contestant} is missing: ${reason}\n`).join('');
  return `## ${report.name}\n\n${fewest}${trained}${failures}\n${table(head, rows)}\n`;
}

export function markdown({ machine, shapes: reports, widths }: Measured): string {
  const { processor, cores, system, adapter, runtime, date, rounds } = machine;
  return [
    `# Benchmark of ${date}\n`,
    `${processor}, ${cores} cores, ${system}; ${runtime}; adapter ${adapter}. Medians of up to ${rounds} interleaved rounds; each`,
    'contestant in the fastest of its ways. Errors are against float64: largest difference, and its share of the largest value. Bound bytes:',
    'sizes of all buffers bound to all dispatches.\n',
    'The other columns say how many times as long as prefscope a contestant takes.\n',
    `${summaryTable(reports)}\n`,
    ...(widths.length > 0 ? [`${bandwidthTable(widths)}\n`] : []),
    ...[...reports, ...widths].map(shapeTable),
  ].join('\n');
}
