import type { ShapeReport } from './bench.ts';
import { copyName } from './contestant.ts';
import type { Measurement } from './measure.ts';
import { contestantsOf, digits, find, isOnGpu, type Measured, ownName, rate, summaryTable, table, time } from './report.ts';

/** Where the figures stand in the README. */
const [begin, end] = ['<!-- Written by `npm run generate` from measured.json. -->', '<!-- End of what is written. -->'];

/** A file of what was measured, small enough to keep: a measurement a line, four digits a number. */
export function keptText({ machine, shapes, widths }: Measured): string {
  const short = (value: unknown): string =>
    JSON.stringify(value, (_, part) => (typeof part === 'number' && !Number.isInteger(part) ? Number(part.toPrecision(4)) : part));
  const list = (items: readonly string[], indent: string): string =>
    items.length === 0 ? '[]' : `[\n${indent} ${items.join(`,\n${indent} `)}\n${indent}]`;
  const report = ({ measurements, ...shape }: ShapeReport): string =>
    `${short(shape).slice(0, -1)},"measurements":${list(measurements.map(short), '  ')}}`;
  return `{\n "machine":${short(machine)},\n "shapes":${list(shapes.map(report), ' ')},\n "widths":${list(widths.map(report), ' ')}\n}\n`;
}

const engineName = 'CPU engine';
const isEngine = (name: string): boolean => name.startsWith(engineName);
const without = (report: ShapeReport, leaveOut: (name: string) => boolean): ShapeReport => ({
  ...report,
  measurements: report.measurements.filter(({ contestant }) => !leaveOut(contestant)),
});

/** Who is faster than prefscope on WebGPU, and where. */
function fasterPeers(reports: readonly ShapeReport[]): string {
  const faster = (isMeant: (other: Measurement) => boolean): string[] => {
    const places = new Map<string, string[]>();
    for (const report of reports) {
      const own = find(report, ownName);
      for (const other of report.measurements)
        if (own && other.contestant !== copyName && isMeant(other) && other.milliseconds < own.milliseconds)
          places.set(other.contestant, [...(places.get(other.contestant) ?? []), report.name]);
    }
    return [...places].map(([name, shapes]) => `${name} at ${shapes.join(', ')}`);
  };
  const [onGpu, elsewhere] = [faster(isOnGpu), faster((other) => !isOnGpu(other) && other.contestant !== ownName)];
  return [
    onGpu.length === 0
      ? 'Every peer that computes on WebGPU is slower at every shape.'
      : `Of the peers that compute on WebGPU, these are faster: ${onGpu.join('; ')}.`,
    elsewhere.length === 0
      ? 'So is all code that needs no GPU.'
      : `Of the code that needs no GPU, this is faster: ${elsewhere.join('; ')}.`,
  ].join(' ');
}

/** Warm speeds and first calls of all that train. */
function speedTable(reports: readonly ShapeReport[]): string {
  const cell = (report: ShapeReport, name: string): string => {
    const found = find(report, name);
    if (!found) return '–';
    return `${rate(report, found)}${found.isExtrapolated ? ' (extrapolated)' : ''}${found.cold === undefined ? '' : `; ${time(found.cold)}`}`;
  };
  return table(
    ['runs × updates a second; first call', ...reports.map(({ name }) => name)],
    contestantsOf(reports).map((name) => [name, ...reports.map((report) => cell(report, name))]),
  );
}

/** The CPU engine against the plain loop, and all cores against one. */
function engineTable(reports: readonly ShapeReport[]): string {
  const times = (report: ShapeReport, of: string, than: string): string => {
    const [slow, fast] = [find(report, than), find(report, of)];
    return slow && fast ? `${digits(slow.milliseconds / fast.milliseconds)}×` : '–';
  };
  return table(
    ['CPU engine', 'one core, of the plain loop’s speed', 'every core, of one core’s', 'trials on every core, of trials on one'],
    reports.map((report) => [
      report.name,
      times(report, engineName, 'plain loop'),
      times(report, `${engineName}, every core`, engineName),
      times(report, `${engineName}, every core, trials`, `${engineName}, trials`),
    ]),
  );
}

/** What README says of a measurement. */
export function figures({ machine, shapes }: Measured): string {
  const { processor, cores, system, adapter, runtime, date, rounds } = machine;
  const trained = shapes.filter(({ updates }) => updates > 0);
  const day = new Date(date).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  const software = adapter.includes('(software)') ? ' **The adapter is software, so WebGPU has no GPU here.**' : '';
  return [
    `Measured on ${day}: ${processor}, ${cores} cores, ${system}; ${runtime}; adapter ${adapter}.${software} Medians of up to ${rounds} rounds.`,
    'The first column is prefscope’s time on WebGPU, the second its bandwidth as a share of the copy kernel’s; the others say how many times as long they take, so below 1 they are faster.',
    summaryTable(shapes.map((report) => without(report, isEngine))),
    fasterPeers(shapes),
    'What trains, by its speed, and the time of its first call in a browser of its own, where that was measured (not of several workers, of what was extrapolated, or of what takes above 20 s):',
    speedTable(trained),
    engineTable(trained),
  ].join('\n\n');
}

/** The README with these figures in their place. Throws where it has no such place. */
export function withFigures(readme: string, measured: Measured): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The README of the benchmarks has no place for figures: ${begin} … ${end}`);
  return `${readme.slice(0, from)}${begin}\n\n${figures(measured)}\n\n${readme.slice(to)}`;
}
