import type { Pair } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { type Claim, type ClaimEngine, forSeeds, measurementOf } from '../claim.ts';
import { at, matrixOf, plus, times, toyRandom, vectorOf } from '../claim-tools.ts';

const [words, width, length, updates] = [12, 8, 6, 30];

/** Changes of ln π of the whole preferred answer, and of the margin, before each update and after the last. */
interface Arm {
  readonly chosen: readonly number[];
  readonly margin: readonly number[];
}

/**
 * Six words, the rejected answer's hidden vectors `ratio` times as long: what each remedy does over 30 steps, normalised gradients over
 * `slower`.
 */
export async function remedies(
  engine: ClaimEngine,
  seed: number,
  ratio: number,
  slower = updates,
): Promise<Record<'dpo' | 'normalised' | 'sparse', Arm>> {
  const random = toyRandom(seed);
  const chosen = Array.from({ length }, () => random.below(words));
  const rejected = [(at(chosen, 0) + 1) % words, ...chosen.slice(1)];
  const own = chosen.map(() => vectorOf(random, width));
  const prefixes = own.flatMap((x, k) => [
    { prompt: 0, tokens: chosen.slice(0, k), hidden: [...x] },
    ...(k > 0 ? [{ prompt: 0, tokens: rejected.slice(0, k), hidden: plus(times(ratio, x), vectorOf(random, width, 0.1)) }] : []),
  ]);
  const unembedding = matrixOf(random, words, width, 1 / Math.sqrt(width));
  const run = async (kind: 'sgd' | 'normalised-pair', pairs: Pair[]): Promise<Arm> => {
    const count = kind === 'sgd' ? updates : slower;
    const { steps } = await engine.train({
      policy: { kind: 'sequence', form: 'features', prefixes, unembedding, train: 'unembedding' },
      pairs,
      objective: { name: 'dpo', params: { beta: 0.1 } },
      optimizer: { kind, learningRate: kind === 'sgd' ? 0.2 : 0.01, steps: count },
      record: Array.from({ length: count + 1 }, (_, step) => step),
    });
    const index = pairs.length - 1;
    const changes = (value: (step: (typeof steps)[number]) => number): number[] => steps.map((step) => value(step) - value(at(steps, 0)));
    return {
      chosen: changes(({ chosenLogps }) => at(chosenLogps, index)),
      margin: changes(({ chosenLogps, rejectedLogps }) => at(chosenLogps, index) - at(rejectedLogps, index)),
    };
  };
  const whole: Pair = { prompt: 0, chosen, rejected };
  return {
    dpo: await run('sgd', [whole]),
    normalised: await run('normalised-pair', [whole]),
    // trains on the first word alone; the whole answer is only watched. The mean over pairs halves the loss, which the weight makes good.
    sparse: await run('sgd', [
      { prompt: 0, chosen: chosen.slice(0, 1), rejected: rejected.slice(0, 1), weight: 2 },
      { ...whole, weight: 0 },
    ]),
  };
}

/** Change of the preferred answer where the margin first gained so much, between two updates by a straight line. */
export function chosenAtMargin({ chosen, margin }: Arm, gained: number): number {
  const after = margin.findIndex((value) => value >= gained);
  if (after < 1) return Number.NaN; // it never gained so much, or there was nothing to gain
  const [low, high] = [at(margin, after - 1), at(margin, after)];
  return at(chosen, after - 1) + ((at(chosen, after) - at(chosen, after - 1)) * (gained - low)) / (high - low);
}

type Remedy = 'normalised' | 'sparse';
type Texts = Pick<Claim, 'id' | 'title' | 'statement' | 'where' | 'expected' | 'instead'>;
const setupOf = (kind: Remedy, ratio: number): string =>
  `Answers of six words that differ in the first, one trained layer, the rejected answer’s hidden vectors ${ratio} times as long; 30 steps of DPO with β = 0.1 and 0.2, or of ${
    kind === 'sparse' ? 'the same on the first word alone' : '0.01 with normalised gradients'
  }.`;

const remedy = (kind: Remedy, ratio: number, share: number, texts: Texts): Claim => ({
  ...texts,
  paper: '2410.13828',
  exact: {
    tex: String.raw`\Delta\ln\pi_w^{\text{${kind}}}>\Delta\ln\pi_w^{\text{DPO}}`,
    plain: `Δ ln π_w with ${kind} gradients > Δ ln π_w with DPO`,
  },
  setup: `${setupOf(kind, ratio)} The margins reached differ: see below for equal ones.`,
  measured: 'how much more ln π of the whole preferred answer changes than under DPO',
  unit: 'nats',
  requirement: {
    sense: 'at least',
    threshold: 0,
    of: share,
    reason: 'the preferred answer ends higher than under DPO; the share of draws is the page’s own choice',
  },
  seeds: 60,
  async measure(engine, options) {
    const arms = await forSeeds(options, (seed) => remedies(engine, seed, ratio));
    const end = (which: 'dpo' | Remedy, what: keyof Arm): number[] => arms.map((arm) => at(arm[which][what], updates));
    const [plain, fixed] = [end('dpo', 'chosen'), end(kind, 'chosen')];
    return measurementOf(
      fixed.map((value, i) => value - at(plain, i)),
      [
        { label: 'mean Δ ln π_w, DPO', value: mean(plain) },
        { label: kind, value: mean(fixed) },
        { label: 'mean margin gained, DPO', value: mean(end('dpo', 'margin')) },
        { label: `margin, ${kind}`, value: mean(end(kind, 'margin')) },
      ],
    );
  },
});

const normalisedHelps = remedy('normalised', 1.4, 0.9, {
  id: 'normalised-helps',
  where: 'normalised gradients, in this page’s form',
  title: 'Normalised gradients over a whole run',
  statement:
    'Over 30 steps on a pair that shares its suffix, and whose rejected vectors are 1.4 times as long, normalised gradients keep the preferred answer above where DPO leaves it.',
  expected: 'holds',
});

const sparseHelps = remedy('sparse', 1.4, 0.95, {
  id: 'sparse-helps',
  where: 'token masking, in this page’s form',
  title: 'Only the word that differs',
  statement:
    'Where the rejected vectors are 1.4 times as long, leaving the shared words out of the loss keeps the preferred answer above where DPO leaves it.',
  expected: 'holds',
});

const normalisedShorter = remedy('normalised', 0.7, 0.9, {
  id: 'normalised-shorter',
  where: 'normalised gradients, in this page’s form, without their condition',
  title: 'Normalised gradients help whatever the lengths',
  statement: 'They keep the preferred answer above where DPO leaves it also where the rejected vectors are shorter, 0.7 times as long.',
  expected: 'does not hold',
  instead:
    'With rejected vectors 1.4 times as long they help in nearly all draws after 30 steps, with equal lengths in about one of ten (at equal margin in about half), with 0.7 in none. There DPO itself raises the preferred answer, and raises it further.',
});

const sparseShorter = remedy('sparse', 0.7, 0.95, {
  id: 'sparse-shorter',
  where: 'token masking, in this page’s form, without its condition',
  title: 'Only the word that differs, whatever the lengths',
  statement: 'Leaving the shared words out helps also where the rejected vectors are shorter, 0.7 times as long.',
  expected: 'does not hold',
  instead:
    'With rejected vectors 1.4 times as long it helps in all draws, with equal lengths in more than half, with 0.7 in none: there the shared words raise the preferred answer under DPO.',
});

const ratios = [1.4, 1, 0.7] as const;

const equalMargin: Claim = {
  id: 'normalised-equal-margin',
  paper: '2410.13828',
  where: 'normalised gradients, in this page’s form, at equal margin',
  title: 'Normalised gradients at the same margin',
  statement:
    'Where the rejected vectors are 1.4 times as long, normalised gradients leave the preferred answer higher than DPO does at the update at which it has gained the same margin.',
  exact: {
    tex: String.raw`\Delta\ln\pi_w^{\text{normalised}}>\Delta\ln\pi_w^{\text{DPO}}\quad\text{at}\quad\Delta m^{\text{normalised}}=\Delta m^{\text{DPO}}`,
    plain: 'Δ ln π_w with normalised gradients > Δ ln π_w with DPO, where both have gained the same margin',
  },
  setup: `${setupOf('normalised', 1.4)} Both are read where the margin has gained what the slower of the two gains in 30 steps. The other lengths are 1 and 0.7. With equal lengths the share grows with the margin: half of the draws here, three of four where DPO ends after 30 steps.`,
  measured: 'how much more ln π of the whole preferred answer changes than under DPO, at the same margin',
  unit: 'nats',
  requirement: {
    sense: 'at least',
    threshold: 0,
    of: 0.95,
    reason: 'the preferred answer is higher than under DPO; the share of draws is the page’s own choice',
  },
  seeds: 60,
  expected: 'holds',
  async measure(engine, options) {
    const gaps = await forSeeds(options, async (seed) => {
      const found: number[] = [];
      for (const ratio of ratios) {
        const { dpo, normalised } = await remedies(engine, seed, ratio);
        const gained = Math.min(at(dpo.margin, updates), at(normalised.margin, updates));
        found.push(chosenAtMargin(normalised, gained) - chosenAtMargin(dpo, gained));
      }
      return found;
    });
    return measurementOf(
      gaps.map((found) => at(found, 0)),
      ratios.map((ratio, i) => ({
        label: `share of draws above DPO at length ${ratio}`,
        value: gaps.filter((found) => at(found, i) >= 0).length / gaps.length,
      })),
    );
  },
};

export const remediesClaims: readonly Claim[] = [normalisedHelps, normalisedShorter, equalMargin, sparseHelps, sparseShorter];
