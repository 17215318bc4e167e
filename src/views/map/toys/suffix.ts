import { firstOrderMove, type GradientGeometry } from '../../../atlas/toys/entanglement/entanglement-geometry.ts';
import { type SuffixSettings, sharedSuffix, suffixGeometry } from '../../../atlas/toys/entanglement/shared-suffix.ts';
import { setting } from '../../../shell/controls/format.ts';
import { linear, type MapToy, type NumbersAbout, type SharedBase } from './map-toy.ts';
import { calm, mild, strong, worst } from './regimes.ts';

/** Longest suffix of a map; every run's policy has as many positions, so that runs of all lengths share one. */
const longest = 20;

const chance = (offset: 0 | 1) => ({ path: `policy.offsets[${offset}].logits`, range: linear(0.02, 0.98) });

const numbers = {
  suffix: { label: 'suffix length m', path: 'pairs', key: 'm', default: 8, range: { ...linear(0, longest), integer: true } },
  afterChosen: { label: 'p after the chosen token', key: 'pw', default: 0.6, ...chance(0) },
  afterRejected: { label: 'p′ after the rejected token', key: 'pl', default: 0.2, ...chance(1) },
  first: { label: 'π of either first token', path: 'policy.logits[0]', default: 0.4, range: linear(0.01, 0.49) },
} as const satisfies NumbersAbout;

type Own = Readonly<Record<keyof typeof numbers, number>>;

const settingsOf = (base: SharedBase & Own): SuffixSettings => ({ ...base, update: 'plain', masked: [] });

/** Gradients at the start. All positions are alike, so that every length is one more or fewer of them. */
function startGeometry(settings: SuffixSettings): GradientGeometry {
  const first = [settings.first, settings.first, 1 - 2 * settings.first].map(Math.log);
  const ofLength = (suffix: 0 | 1) => {
    const logits = Float64Array.from(suffix === 0 ? first : [...first, 0, 0, Number.NEGATIVE_INFINITY]);
    return suffixGeometry({ ...settings, suffix }, { logits });
  };
  const [none, one] = [ofLength(0), ofLength(1)];
  const at = (name: keyof GradientGeometry) => none[name] + settings.suffix * (one[name] - none[name]);
  return {
    chosenGradNormSq: at('chosenGradNormSq'),
    rejectedGradNormSq: at('rejectedGradNormSq'),
    innerProduct: at('innerProduct'),
  };
}

const beyond = (move: number): string => (move > 0 ? `, each by more than ${setting(move)} nats` : '');

export const suffix = {
  id: 'suffix',
  title: 'Shared suffix',
  about: 'Two answers that differ in one token and share the rest: when do both fall, or both rise?',
  opensIn: {
    view: 'entanglement',
    settings: (base) => {
      const { suffix, afterChosen, afterRejected, first, objective, learningRate, steps, update, masked } = settingsOf(base);
      return { suffix, afterChosen, afterRejected, first, objective, learningRate, steps, update, masked };
    },
  },
  x: 'suffix',
  y: 'afterRejected',
  start: { learningRate: 1, steps: 60 },
  rates: [1e-2, 100],
  mostSteps: 300,
  numbers,
  regimes: {
    // from the start to the last update
    worse: 'nearer to reversed',
    better: 'nearer to ideal',
    regimes: [
      { label: 'ideal', colour: calm, rule: ({ move }) => `chosen not down, rejected not up${beyond(move)}` },
      { label: 'both rise', colour: mild, rule: ({ move }) => `chosen not down, rejected up${beyond(move)}` },
      { label: 'both fall', colour: strong, rule: ({ move }) => `chosen down, rejected not up${beyond(move)}` },
      { label: 'reversed', colour: worst, rule: ({ move }) => `chosen down, rejected up${beyond(move)}` },
    ],
    // by how many nats an answer must move to count as having moved
    thresholds: { move: { label: 'Moved from a change of (nats)', default: 0, min: 0, max: 5, most: 20 } },
    of: ({ chosenLogpChange, rejectedLogpChange }, index, { move }) => {
      const fell = (chosenLogpChange[index] ?? Number.NaN) < -move;
      const rose = (rejectedLogpChange[index] ?? Number.NaN) > move;
      return Number(rose) + 2 * Number(fell);
    },
  },
  experiment: (base) => {
    const settings = settingsOf(base);
    return { ...sharedSuffix({ ...settings, suffix: longest }), pairs: sharedSuffix(settings).pairs };
  },
  // the gradients in closed form
  firstMove: (base) => {
    const logpOf = (p: number) => Math.log(base.first) + base.suffix * Math.log(p);
    const [chosen, rejected] = [logpOf(base.afterChosen), logpOf(base.afterRejected)];
    return {
      state: { chosen, rejected, refChosen: chosen, refRejected: rejected, length: base.suffix + 1 },
      move: (forces) => firstOrderMove(startGeometry(settingsOf(base)), forces),
    };
  },
} as const satisfies MapToy<Own, 'move'>;
