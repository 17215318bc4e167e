import type { Answer, AnswerRecord } from './answer.ts';

const records = import.meta.glob<AnswerRecord>('./records/*.ts', { eager: true, import: 'answer' });

/** Every answer, by name. */
export const answers: readonly Answer[] = Object.entries(records)
  .map(([path, record]): Answer => ({ ...record, slug: path.replace(/^.*\/|\.ts$/g, '') }))
  .toSorted((a, b) => a.slug.localeCompare(b.slug));

/** The answer that explains a reading of a training log; undefined where none does. */
export const answerToReading = (id: string): Answer | undefined => answers.find(({ readings = [] }) => readings.includes(id));
