import { chosenToken, defaultSettings, rejectedToken, type ToySettings, tokens } from '../../atlas/toys/no-over-never.ts';
import { sameJson } from '../../core/same.ts';
import { setting, symbolText } from '../../shell/controls/format.ts';
import { viewObjective } from '../../shell/losses/objective-view.ts';
import type { ExperimentWords } from '../../shell/view.ts';

const trained = { hidden: 'the hidden vector', unembedding: 'the answers’ vectors', both: 'both' } as const;
const pair = `${tokens[chosenToken]} over ${tokens[rejectedToken]}`;

/** The toy's run in words. */
export function experimentOf({ objective, vectors, train, steps, scale, learningRate, past = [] }: ToySettings): ExperimentWords {
  const { title, parameters } = viewObjective(objective);
  const isMoved = !sameJson(vectors, defaultSettings.vectors);
  const values = parameters.map(({ about, value }) => `${symbolText(about.tex)} ${setting(value)}`);
  return {
    label: [pair, title, ...(isMoved ? ['moved'] : []), ...(past.length > 0 ? ['forked'] : [])].join(' · '),
    parts: [
      { name: 'Pair', value: pair },
      { name: 'Loss', value: [title, ...values].join(', ') },
      { name: 'Vectors', value: isMoved ? 'moved' : 'the toy’s own' },
      { name: 'Trained', value: trained[train] },
      { name: 'Scale', value: setting(scale) },
      { name: 'Step size', value: setting(learningRate) },
      { name: 'Updates', value: String(steps) },
    ],
  };
}
