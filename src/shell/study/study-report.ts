import type { ClaimResult } from '../../atlas/judge-claim.ts';
import { paperOfStudy, provenanceOf } from '../../atlas/reading-list.ts';
import type { Study, StudyClaim } from '../../atlas/study.ts';
import { requirementText, resultText } from '../../atlas/study-text.ts';
import type { Report } from '../exports/report.ts';
import { bibtexOfListed } from './bibtex.ts';
import { afterTitle, surnamesOf } from './citation.ts';
import type { StudySession } from './study-session.svelte.ts';
import { faithfulnessWords, kindWords, provenanceWords } from './words.ts';

/** What an export reads of a session. */
export type ExportedSession = Pick<
  StudySession,
  'study' | 'seed' | 'values' | 'changed' | 'seedsHere' | 'result' | 'verdicts' | 'isDecided' | 'shipped'
>;

/** The cell of a notebook that trains the same again. */
export function notebookCell({
  study,
  seed,
  changed,
  seedsHere,
}: Pick<ExportedSession, 'study' | 'seed' | 'changed' | 'seedsHere'>): string {
  const options = { seeds: seedsHere || study.seeds.page, seed, ...(changed.length > 0 ? { values: Object.fromEntries(changed) } : {}) };
  return [
    "import { loadStudy, runStudy } from '../src/index.ts';",
    "import { engineInWorker } from '../src/notebook/library.ts';",
    '',
    'const engine = await engineInWorker();',
    `const study = await loadStudy('${study.id}');`,
    `const { table, claims } = await runStudy(study, engine, ${JSON.stringify(options)});`,
  ].join('\n');
}

/** What came of a claim, where all its seeds are there: of moved parameters, or of too few seeds, it has no verdict. */
export const decidedResult = ({ isDecided, changed, verdicts }: ExportedSession, claim: StudyClaim): ClaimResult | undefined =>
  isDecided && changed.length === 0 ? verdicts?.claims.find(({ id }) => id === claim.id) : undefined;

const claimRow = (study: Study, claim: StudyClaim, session: ExportedSession): string[] => {
  const result = decidedResult(session, claim);
  return [
    claim.statement,
    kindWords[claim.kind],
    requirementText(study, claim),
    claim.because,
    claim.refutedBy,
    result ? resultText(claim, result, session.verdicts?.backend) : 'no verdict: other settings, or too few seeds',
  ];
};

/** Everything that a paper's page says, as a page by itself. */
export function studyReport(session: ExportedSession): Report {
  const { study } = session;
  const paper = paperOfStudy(study);
  const provenance = provenanceOf(study);
  return {
    title: study.finding,
    about: [
      ...(paper
        ? [`${surnamesOf(paper)}: ${paper.title}${afterTitle(paper)} arXiv:${paper.arxiv}`]
        : ['Often said; not a claim of a paper.']),
      study.mechanism,
    ],
    sections: [
      {
        title: 'What is tested',
        head: ['claim', 'kind', 'required', 'the bound', 'refuted by', 'result'],
        rows: study.claims.map((claim) => claimRow(study, claim, session)),
      },
      { title: 'The formula', lines: [study.tex, ...(paper && provenance ? [`${provenanceWords[provenance]}.`] : [])] },
      {
        title: paper ? 'The paper, and this toy' : 'This toy',
        lines: [
          ...(paper && study.headline ? [`The paper reports: ${study.headline}`] : []),
          `Set up here: ${study.setup}`,
          `What the toy leaves out: ${study.leavesOut}`,
          ...(paper ? [faithfulnessWords[paper.faithfulness]] : []),
        ],
      },
      { title: 'Run it again in a notebook', lines: notebookCell(session).split('\n').filter(Boolean) },
      ...(paper ? [{ title: 'How to cite the paper', lines: bibtexOfListed(paper).split('\n') }] : []),
    ],
  };
}
