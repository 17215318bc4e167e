import type { Answer } from '../../atlas/answers/answer.ts';
import { answers } from '../../atlas/answers/catalogue.ts';
import { loadStudy } from '../../atlas/catalogue.ts';
import { messageOf } from '../../core/message-of.ts';
import type { PageEngineOwner } from '../../shell/engine/page-engine-owner.svelte.ts';
import { StudySession } from '../../shell/study/study-session.svelte.ts';
import { type AnswersLink, defaultAnswers } from './answers-link.ts';

/** The list of answers, and the page of one of them. */
export class AnswersLab {
  readonly #engine: PageEngineOwner;
  #answer = $state.raw<Answer | null>(null);
  #session = $state.raw<StudySession | null>(null);
  #problem = $state('');
  /** what the link asks of the study, before that is here */
  #asked: Pick<AnswersLink, 'values' | 'seed'> = defaultAnswers;
  #hidden = false;
  #openings = 0;

  constructor(engine: PageEngineOwner) {
    this.#engine = engine;
  }

  /** that whose page is open; null: the list */
  get answer(): Answer | null {
    return this.#answer;
  }
  /** its study; null before it is here */
  get session(): StudySession | null {
    return this.#session;
  }
  get problem(): string {
    return this.#problem;
  }

  get link(): AnswersLink {
    const session = this.#session;
    return {
      answer: this.#answer?.slug ?? null,
      values: session ? session.changed : this.#asked.values,
      seed: session ? session.seed : this.#asked.seed,
    };
  }

  restore({ answer: name, values, seed }: AnswersLink): void {
    const answer = answers.find(({ slug }) => slug === name) ?? null;
    this.#problem = name === null || answer ? '' : `There is no answer “${name}”. Here are all of them.`;
    this.#asked = answer ? { values, seed } : defaultAnswers;
    if (answer && answer === this.#answer && this.#session) {
      this.#session.restore(values, seed);
      return;
    }
    this.#session?.rest();
    [this.#answer, this.#session] = [answer, null];
    if (answer) void this.#open(answer);
  }

  async #open(answer: Answer): Promise<void> {
    const opening = ++this.#openings;
    try {
      const study = await loadStudy(answer.study);
      if (opening !== this.#openings || this.#answer !== answer) return; // the reader has gone on
      const plots = answer.panels.map(({ plot }) => plot);
      this.#session = new StudySession({ ...study, plot: answer.panels[0].plot }, () => this.#engine.engine, {
        ...this.#asked,
        hidden: this.#hidden,
        plots,
      });
    } catch (error) {
      if (opening === this.#openings) this.#problem = `The toy could not be loaded: ${messageOf(error)} Reload the page.`;
    }
  }

  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    if (hidden) this.#session?.rest();
    else this.#session?.wake();
  }

  changeEngine(): void {
    this.#session?.changeEngine();
  }
}
