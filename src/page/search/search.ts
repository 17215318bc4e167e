import MiniSearch from 'minisearch';
import type { Found, Kind } from './found.ts';

/** Words that most questions have. */
const common = new Set(
  'a an and are as at be but by can do does for from have how i if in is it its me my not of on or the then there this to was we what when where which while why will with you your need should between too'.split(
    ' ',
  ),
);

/** Letters that formulas have, as they are typed. */
const greek = {
  α: 'alpha',
  β: 'beta',
  γ: 'gamma',
  δ: 'delta',
  ε: 'epsilon',
  η: 'eta',
  θ: 'theta',
  λ: 'lambda',
  μ: 'mu',
  π: 'pi',
  ρ: 'rho',
  σ: 'sigma',
  τ: 'tau',
} as const;

/** Words that mean the same here, by the one that stands for them. */
const same: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['fall', 'falls', 'falling', 'fell', 'decrease', 'decreases', 'decreasing', 'drop', 'drops', 'dropping', 'down', 'declining', 'lower'],
    ['rise', 'rises', 'rising', 'increase', 'increases', 'increasing', 'up', 'grow', 'grows', 'growing', 'higher'],
    ['chosen', 'preferred', 'winner', 'winners', 'positive'],
    ['rejected', 'dispreferred', 'loser', 'losers'],
    ['logp', 'logps', 'logprob', 'logprobs', 'likelihood', 'probability', 'probabilities'],
    ['length', 'lengths', 'long', 'longer', 'longest', 'short', 'shorter', 'verbose', 'verbosity'],
    ['std', 'deviation', 'sd', 'stdev'],
    ['zero', '0', '00', '000', '0000'],
    ['0.693', '693', '6931', '69315', 'ln2', 'log2'],
    ['reference', 'ref'],
    ['answer', 'answers', 'completion', 'completions', 'response', 'responses', 'output', 'outputs'],
    ['optimisation', 'optimization', 'overoptimization', 'overoptimisation'],
    ['normalise', 'normalize', 'normalisation', 'normalization', 'normalised', 'normalized'],
    ['collapse', 'collapses', 'collapsed', 'collapsing'],
    ['estimator', 'estimators', 'estimate'],
    ['negative', 'below'],
    ['explode', 'explodes', 'exploding', 'exploded', 'explosion', 'spike', 'spikes', 'spiking'],
    ...Object.entries(greek).map(([letter, name]) => [name, letter]),
  ].flatMap(([stem = '', ...others]) => others.map((other) => [other, stem])),
);

const processed = (term: string): string | null => {
  const plain = term
    .normalize('NFKD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase();
  if (plain === '' || common.has(plain)) return null;
  const known = same[plain];
  if (known !== undefined) return known;
  const single = plain.length > 3 ? plain.replace(/(?<=[^s])s$/, '') : plain;
  return same[single] ?? single;
};

/** A question that was asked in public is more often looked for than a page. */
const weights: Readonly<Record<Kind, number>> = { answer: 2, paper: 1, objective: 1, view: 1.2, lesson: 0.8, notebook: 0.8 };

/** Most results that are shown. */
export const most = 8;

/** Finds by words, the beginnings of words, and words with a letter or two wrong; all of it is here, and nothing is sent anywhere. */
export class Search {
  readonly #byId = new Map<string, Found>();
  readonly #index = new MiniSearch<Found>({
    fields: ['title', 'asked', 'line'],
    processTerm: processed,
    searchOptions: {
      boost: { title: 3, asked: 2 },
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      boostDocument: (id) => weights[this.#byId.get(String(id))?.kind ?? 'view'],
    },
  });

  constructor(documents: readonly Found[]) {
    this.add(documents);
  }

  /** One that is there already is replaced, and found by the words of both. */
  add(documents: readonly Found[]): void {
    for (const found of documents) {
      const before = this.#byId.get(found.id);
      const whole = before ? { ...found, asked: [found.asked, before.title, before.line, before.asked].join(' ') } : found;
      this.#byId.set(found.id, whole);
      if (before) this.#index.replace(whole);
      else this.#index.add(whole);
    }
  }

  /** The best first; none for a query without words. */
  find(query: string): Found[] {
    return this.#index
      .search(query.slice(0, 200))
      .slice(0, most)
      .flatMap(({ id }) => this.#byId.get(String(id)) ?? []);
  }
}
