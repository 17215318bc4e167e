import type { ViewId } from './views.ts';

/** What each view shows, in one sentence: for lists, and for who meets it as a link elsewhere. Beside the records, which load first. */
export const summaries: Readonly<Record<ViewId, string>> = {
  displacement: 'Trains a model of six answers to prefer No to Never, and shows which answers the probability goes to.',
  stop: 'Eight losses from the same start, side by side: which keep the preferred answer up, and which let it fall.',
  entanglement: 'What pushing one answer does to another that shares its words.',
  modes: 'Forward or reverse: which losses go to one peak of the reward first, and which spread over all.',
  groups: 'GRPO and its family: a group is drawn, rewarded, compared and clipped; what it gains, and what it forgets.',
  simplex: 'All starting points at once: where preferring one of three answers takes each of them.',
  map: 'Thousands of small runs, one a cell: where the preferred answer falls, and where it holds.',
  papers: 'Papers on preference learning, each with a toy that trains here and verdicts on that toy.',
  answers: 'Questions that people ask about preference tuning, each with a toy that trains and a claim.',
  objectives: 'Every loss of the catalogue: its formula, where it comes from, and what it does in the toy.',
  run: 'Drop a training log, and read whether its chosen answers fall.',
  pairs: 'Train on preference pairs of your own, and see which preferred answers fall.',
  device: 'What this device computes with, and how long it takes.',
};
