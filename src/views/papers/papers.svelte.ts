import { loadStudy, studyIds } from '../../atlas/catalogue.ts';
import { paperOfStudy, papers } from '../../atlas/reading-list.ts';
import type { Study } from '../../atlas/study.ts';
import type { Theme } from '../../atlas/themes.ts';
import { disagreements } from '../../atlas/ways/disagreements.ts';
import { messageOf } from '../../core/message-of.ts';
import type { PageEngineOwner } from '../../shell/engine/page-engine-owner.svelte.ts';
import { StudySession } from '../../shell/study/study-session.svelte.ts';
import { defaultPapers, type PapersLink, type Way } from './papers-link.ts';

const paperOf = (study: Study): string | undefined => paperOfStudy(study)?.arxiv;

/** The index of the papers, and the page of one of them. */
export class PapersLab {
  readonly #engine: PageEngineOwner;
  #studies = $state.raw<readonly Study[]>([]);
  #problem = $state('');
  way = $state<Way>('themes');
  query = $state(defaultPapers.query);
  theme = $state<Theme | null>(defaultPapers.theme);
  /** a loss of the catalogue, by `slugOf` */
  trains = $state<string | null>(null);
  claim = $state<string | null>(defaultPapers.claim);
  /** a disagreement that the link points at */
  parting = $state<string | null>(null);
  #paper = $state<string | null>(defaultPapers.paper);
  #study = $state<string | null>(defaultPapers.study);
  #session = $state.raw<StudySession | null>(null);
  /** what the link asks of the study, before that is here */
  #asked: Pick<PapersLink, 'values' | 'seed'> = defaultPapers;
  #hidden = false;

  constructor(engine: PageEngineOwner) {
    this.#engine = engine;
    Promise.all(studyIds.map(loadStudy)).then(
      (studies) => {
        this.#studies = studies;
        this.#settle();
      },
      (error) => {
        this.#problem = `The studies could not be loaded: ${messageOf(error)} Reload the page.`;
      },
    );
  }

  /** all of them; none before they have been fetched */
  get studies(): readonly Study[] {
    return this.#studies;
  }
  get problem(): string {
    return this.#problem;
  }
  /** the arXiv id of the open page, or the id of a study of what is often said */
  get paper(): string | null {
    return this.#paper;
  }
  /** the study that is shown on the open page; null before it is here */
  get session(): StudySession | null {
    return this.#session;
  }

  /** Opens a paper's page, or the index. */
  open(paper: string | null, study: string | null = null): void {
    if (paper === this.#paper && study === this.#study) return;
    [this.#paper, this.#study, this.#asked, this.claim, this.parting] = [paper, study, defaultPapers, null, null];
    this.#settle();
  }

  /** Every study of the open page, in their order. */
  readonly shown: readonly Study[] = $derived.by(() => {
    const paper = this.#paper;
    if (paper === null) return [];
    const ids = papers.find(({ arxiv }) => arxiv === paper)?.studies ?? [paper];
    return ids.flatMap((id) => this.#studies.find((study) => study.id === id) ?? []);
  });

  get link(): PapersLink {
    const session = this.#session;
    return {
      paper: this.#paper,
      study: this.#study,
      values: session ? session.changed : this.#asked.values,
      seed: session ? session.seed : this.#asked.seed,
      ...(this.way === 'themes' ? {} : { way: this.way }),
      ...(this.parting === null ? {} : { parting: this.parting }),
      query: this.query,
      theme: this.theme,
      ...(this.trains === null ? {} : { trains: this.trains }),
      claim: this.claim,
    };
  }

  restore({ paper, study, values, seed, way = 'themes', parting = null, query, theme, trains = null, claim }: PapersLink): void {
    this.parting = parting;
    [this.way, this.query, this.theme, this.trains] = [way, query, theme, trains];
    [this.claim, this.#paper, this.#study] = [claim, paper, study];
    this.#asked = { values, seed };
    this.#settle();
  }

  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    if (hidden) this.#session?.rest();
    else this.#session?.wake();
  }

  changeEngine(): void {
    this.#session?.changeEngine();
  }

  /** The page that is asked for, once the studies are here; a claim that names no paper leads to its own. */
  #settle(): void {
    if (this.#studies.length === 0) return;
    this.#problem = '';
    if (this.#paper === null && this.claim !== null) {
      const found = this.#studies.find(({ claims }) => claims.some(({ id }) => id === this.claim));
      if (found) [this.#paper, this.#study] = [paperOf(found) ?? found.id, found.id];
      else [this.#problem, this.claim] = [`There is no claim “${this.claim}”. Here are all papers.`, null];
    }
    if (this.parting !== null && !disagreements.some(({ id }) => id === this.parting))
      [this.#problem, this.parting] = [`There is no question “${this.parting}” here. Here are all of them.`, null];
    const { shown } = this;
    const claims = (one: Study): boolean => one.claims.some(({ id }) => id === this.claim);
    const study = shown.find(({ id }) => id === this.#study) ?? shown.find(claims) ?? shown[0];
    if (this.#paper !== null && !study) {
      this.#problem = `There is no toy of “${this.#paper}” here yet. Here are all papers that have one.`;
      [this.#paper, this.#study] = [null, null];
    }
    this.#study = study === undefined || study === shown[0] ? null : study.id;
    const { values, seed } = this.#asked;
    if (study && this.#session?.study === study) {
      this.#session.restore(values, seed);
      return;
    }
    this.#session?.rest();
    this.#session = study ? new StudySession(study, () => this.#engine.engine, { values, seed, hidden: this.#hidden }) : null;
  }
}
