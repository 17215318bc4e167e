import type { Given, ViewState } from '../../shell/view.ts';
import { AnswersLab } from './answers.svelte.ts';
import { readAnswers, writeAnswers } from './answers-link.ts';

export { default as component } from './AnswersView.svelte';

export function open({ engine, reader }: Given): ViewState<AnswersLab> {
  const lab = new AnswersLab(engine);
  if (reader) lab.restore(readAnswers(reader));
  return {
    lab,
    fields: () => writeAnswers(lab.link),
    restore: (link) => lab.restore(readAnswers(link)),
    setHidden: (hidden) => lab.setHidden(hidden),
    changeEngine: () => lab.changeEngine(),
  };
}
