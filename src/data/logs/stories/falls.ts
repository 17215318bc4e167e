import { type LogFacts, type Move, moveOf, seriesOf, show, showPlace } from '../readings/series.ts';
import { type Cause, from, inTrl, pairsTell, type Remedy, rate, slower, type Tell, toy, unsaid } from './story.ts';

/** Whether the loss asked for more than a margin: a likelihood term is logged by itself where there is one. */
function marginAlone(log: LogFacts): Cause {
  const words = 'The loss asks for the gap alone';
  const nll = seriesOf(log, 'nll_loss');
  if (nll) return { words, verdict: 'no', because: `a likelihood term is logged (${show(nll.late)})` };
  const [chosen, rejected] = [moveOf(log, 'chosen'), moveOf(log, 'rejected')];
  if (!chosen || !rejected) return unsaid(words, 'one side is not logged');
  return chosen.by > rejected.by
    ? { words, verdict: 'fits', because: 'the gap grew' }
    : { words, verdict: 'no', because: 'the gap did not grow' };
}

const likelihood: Remedy = {
  words: 'Also reward the chosen answer',
  setting: 'loss_type=["sigmoid", "sft"], loss_weights=[1.0, 0.1]',
  holds: 'TRL 0.10 to 0.28: rpo_alpha',
  see: toy({ objective: 'rpo', 'p.alpha': '0.1' }),
};
const target: Remedy = {
  words: 'Give the gap a target',
  setting: 'loss_type=["ipo"]',
  see: toy({ objective: 'ipo', lr: '0.02' }),
};
const penalty: Remedy = {
  words: 'Penalise a fall of the chosen answer',
  holds: `DPOP: not in ${inTrl}; the toy exports a trainer`,
  see: toy({ objective: 'dpop', 'p.lambda': '50' }),
};

const displaced = (log: LogFacts): readonly Cause[] => [marginAlone(log), pairsTell('The two answers are alike'), rate(log)];

/** A fall of which most is made good: the lowest that it came to, and where it is now; null where it still is down. */
export function recovered(log: LogFacts, { by, lowest, least }: Move): string | null {
  if (lowest.by > -3 * least || by < lowest.by / 2) return null;
  return `Chosen fell by ${show(-lowest.by)} up to ${showPlace(log, lowest.step)}, and comes back: ${show(by)} at the end`;
}

export const bothFall: Tell = (log, step) => {
  const [chosen, rejected] = [moveOf(log, 'chosen'), moveOf(log, 'rejected')];
  const back = chosen && recovered(log, chosen);
  const faster = chosen && rejected && rejected.by < chosen.by;
  return {
    headline: back
      ? back
      : faster
        ? `Yes${from(log, step)}: chosen has fallen, rejected further`
        : `Yes${from(log, step)}: chosen has fallen, as far as rejected or further`,
    mark: 'chosen has fallen',
    causes: displaced(log),
    remedies: [likelihood, penalty, target],
  };
};

export const chosenFalls: Tell = (log, step) => {
  const chosen = moveOf(log, 'chosen');
  const back = chosen && recovered(log, chosen);
  return {
    headline: back ? `${back}, while the accuracy climbs` : `Yes${from(log, step)}: chosen has fallen while the accuracy climbs`,
    mark: 'chosen has fallen',
    causes: displaced(log),
    remedies: [likelihood, penalty, slower],
  };
};

export const bothRise: Tell = (log, step) => {
  const nll = seriesOf(log, 'nll_loss');
  return {
    headline: `No${from(log, step)}: chosen rises, and rejected rises with it`,
    mark: 'rejected rises from here',
    causes: [
      nll
        ? { words: 'A likelihood term pulls up what both share', verdict: 'fits', because: `there is one: nll_loss is ${show(nll.late)}` }
        : unsaid('A likelihood term pulls up what both share', 'nll_loss is not logged'),
      pairsTell('The pairs are unlike what the reference writes'),
    ],
    remedies: [
      {
        words: 'Lower the weight of the likelihood',
        setting: 'loss_weights=[1.0, 0.1]',
        holds: 'with two losses',
        see: toy({ objective: 'rpo', 'p.alpha': '0.1' }),
      },
      { words: 'Fine-tune on the chosen answers first', setting: 'SFTTrainer' },
    ],
  };
};
