import { paperOfStudy } from '../../atlas/reading-list.ts';
import type { Study } from '../../atlas/study.ts';
import { papersHash } from './papers-link.ts';

/** The link to a claim of a study, on its paper's page, without '#'. */
export function claimHash(study: Study, claim: string): string {
  const paper = paperOfStudy(study);
  return papersHash({ paper: paper?.arxiv ?? study.id, study: paper && paper.studies[0] !== study.id ? study.id : null, claim });
}
