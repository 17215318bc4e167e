import type { Answer } from '../../atlas/answers/answer.ts';
import { paperOfStudy, provenanceOf } from '../../atlas/reading-list.ts';
import { requirementTex, requirementText, resultText, tableLines } from '../../atlas/study-text.ts';
import { type Exports, engineName, texComments } from '../exports/export.ts';
import { decidedResult, type ExportedSession, studyReport } from './study-report.ts';

/**
 * What the page of a study hands out: all that it says, the table, the claims with their verdicts, and the formulas. `hash` leads back to
 * it. An answer that is drawn from the study hands out the same under its question.
 */
export function studyExports(session: ExportedSession, hash: string, answer?: Pick<Answer, 'slug' | 'question'>): Exports {
  const { study, result, seed } = session;
  const paper = paperOfStudy(study);
  const source = paper ? `${paper.title}, arXiv:${paper.arxiv}` : 'often said';
  const seeds = session.seedsHere || study.seeds.page;
  const claims = study.claims.map((claim) => {
    const measured = result?.claims.find(({ id }) => id === claim.id);
    const decided = decidedResult(session, claim);
    return {
      id: claim.id,
      statement: claim.statement,
      kind: claim.kind,
      required: requirementText(study, claim),
      bound: claim.because,
      result: decided ? resultText(claim, decided, session.verdicts?.backend) : null,
      values: measured?.values ?? [],
    };
  });
  return {
    name: answer ? `answer-${answer.slug}` : `paper-${study.id}`,
    seen: `${study.finding} (${source}).`,
    state:
      result?.from === 'here' ? `trained here, ${seeds} seeds` : `as shipped ${session.shipped?.date ?? ''}, ${study.seeds.page} seeds`,
    seed: `${seed} to ${seed + seeds - 1}`,
    engine: engineName(result?.backend),
    hash,
    ...(result ? { table: () => tableLines(result.table, seed) } : {}),
    data: () => ({
      study: study.id,
      paper: paper?.arxiv ?? null,
      formula: { tex: study.tex, provenance: provenanceOf(study) ?? null },
      values: session.values,
      claims,
      table: result?.table ?? null,
    }),
    report: () => studyReport(session),
    tex: (notes) =>
      [
        ...texComments([`${study.finding} (${source})`, ...notes]),
        '\\[',
        `  ${study.tex}`,
        '\\]',
        ...study.claims.flatMap((claim) => ['', ...texComments([claim.statement]), '\\[', `  ${requirementTex(claim)}`, '\\]']),
        '',
      ].join('\n'),
    words: {
      html: 'all that this page says, with its figure',
      csv: 'the table, arm by arm and seed by seed',
      json: 'values, claims and verdicts',
      tex: 'the formula, and what is required',
    },
  };
}
