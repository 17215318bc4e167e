import { averagedWords } from '../../data/logs/evidence.ts';
import { show, showPlace } from '../../data/logs/readings/series.ts';
import { inTrl } from '../../data/logs/stories/story.ts';
import type { TrainingLog } from '../../data/read-data-types.ts';
import type { Report } from '../../shell/exports/report.ts';
import { axisNumber } from './axis-numbers.ts';
import type { RunLab, ToldLog } from './run.svelte.ts';
import { lacks, unitSentence, verdictWords } from './run-words.ts';

/** What a column holds. */
export function columnFacts({ columns }: Pick<TrainingLog, 'columns'>) {
  return Object.entries(columns).flatMap(([name, values]) => {
    let [rows, first, last, least, most] = [0, Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of Array.from(values)) {
      if (!Number.isFinite(value)) continue;
      if (rows === 0) first = value;
      rows++;
      last = value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return rows === 0 ? [] : [{ name, rows, first, last, least, most }];
  });
}

/** Everything that is said of a log, in the order of the page. */
export function reportOf({ told, beside }: Pick<RunLab, 'beside'> & { readonly told: ToldLog }): Report {
  const { name, log, headline, evidence, readings } = told;
  return {
    title: headline,
    about: [
      `${name}: ${log.format}, ${log.steps.length} rows, from ${showPlace(log, log.steps[0] ?? 0)} to ${showPlace(log, log.steps.at(-1) ?? 0)}.`,
      ...(beside ? [`Drawn dashed: ${beside.name}, ${beside.log.steps.length} rows.`] : []),
      ...[unitSentence(told), lacks(told)].filter((sentence) => sentence !== ''),
    ],
    sections: [
      {
        title: 'Evidence',
        lines: [averagedWords(evidence)],
        head: ['', 'first', 'last', 'how'],
        rows: evidence.rows.map(({ words, early, late, as, how = '' }) => [words, axisNumber(early, as), axisNumber(late, as), how]),
      },
      ...readings.flatMap(({ reading, story }) => [
        {
          title: story?.headline ?? reading.id,
          lines: [reading.text],
          head: ['usual cause', 'verdict', 'because'],
          rows: story
            ? story.causes.map(({ words, verdict, because }) => [words, verdictWords[verdict], because])
            : reading.causes.map((cause) => [cause, '', '']),
        },
        {
          title: `What to try (${inTrl})`,
          head: ['what', 'setting', 'where'],
          rows: story
            ? story.remedies.map(({ words, setting = '', holds = '' }) => [words, setting, holds])
            : reading.remedies.map((remedy) => [remedy, '', '']),
        },
      ]),
      ...(log.notes.length > 0 ? [{ title: 'Notes', lines: log.notes.map(({ text }) => text) }] : []),
      {
        title: 'Columns',
        head: ['column', 'rows', 'first', 'last', 'least', 'most'],
        rows: columnFacts(log).map(({ name: column, rows, first, last, least, most }) => [
          column,
          String(rows),
          ...[first, last, least, most].map((value) => show(value, 6)),
        ]),
      },
    ],
  };
}
