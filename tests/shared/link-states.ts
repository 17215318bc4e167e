import fc from 'fast-check';
import { type Theme, themes } from '../../src/atlas/themes.ts';
import { type ToySettings, tokens } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { banditBins } from '../../src/atlas/toys/modes/bandit.ts';
import { topLevel } from '../../src/atlas/toys/modes/levels.ts';
import { contestants, raceRanges, samplings } from '../../src/atlas/toys/modes/race.ts';
import { lawKinds } from '../../src/atlas/toys/modes/scene.ts';
import { moves, movingRanges } from '../../src/atlas/toys/moving-reference.ts';
import { ranges } from '../../src/atlas/toys/ranges.ts';
import type { Mix } from '../../src/core/simplex-geometry.ts';
import type { LinkFields, LinkReader } from '../../src/shell/links/link.ts';
import { vectorReach } from '../../src/shell/links/vectors-link.ts';
import { objectives, type PageChoice, viewObjective } from '../../src/shell/losses/objective-view.ts';
import { mostCompared as mostRunsCompared } from '../../src/shell/runs/run-history.svelte.ts';
import { seedRange } from '../../src/shell/study/study-link.ts';
import { type AnswersLink, readAnswers, writeAnswers } from '../../src/views/answers/answers-link.ts';
import { type LinkState, readDisplacement, writeDisplacement } from '../../src/views/displacement/displacement-link.ts';
import { sorted } from '../../src/views/displacement/groups.ts';
import { changeSettings, forkedAt } from '../../src/views/displacement/settings.ts';
import { defaultMarks } from '../../src/views/displacement/token-marks.ts';
import { type EntanglementLink, readEntanglement, writeEntanglement } from '../../src/views/entanglement/entanglement-link.ts';
import { allPlaces, type SuffixSettings, suffixForkedAt, suffixRanges } from '../../src/views/entanglement/entanglement-settings.ts';
import { type GroupsLink, lenses } from '../../src/views/groups/groups.svelte.ts';
import { readGroups, writeGroups } from '../../src/views/groups/groups-link.ts';
import { groupMethods, methods, typedId } from '../../src/views/groups/methods.ts';
import { comparisons, quantities } from '../../src/views/groups/race/curves.ts';
import { batchesOf, groupsRanges, kls, scales, syncs, worlds } from '../../src/views/groups/settings.ts';
import { stopsOf } from '../../src/views/groups/slow/slow-motion.svelte.ts';
import { prompts } from '../../src/views/groups/world.ts';
import { readMap, writeMap } from '../../src/views/map/map-link.ts';
import { freshMap, type MapState, resolutions } from '../../src/views/map/phase-map.svelte.ts';
import { axesOf, plainAxis } from '../../src/views/map/toys/map-axes.ts';
import { metricsOf } from '../../src/views/map/toys/map-metrics.ts';
import { toys } from '../../src/views/map/toys/map-toys.ts';
import { modesRanges } from '../../src/views/modes/modes.ts';
import type { ModesLink } from '../../src/views/modes/modes-link.ts';
import { ofDescents, readModes, writeModes } from '../../src/views/modes/modes-link.ts';
import { type CatalogueLink, mostCompared, readCatalogue, writeCatalogue } from '../../src/views/objectives/catalogue-link.ts';
import { catalogueEntries, courses, families, familySlug, slugOf } from '../../src/views/objectives/catalogue-view.ts';
import { readPairs, writePairs } from '../../src/views/pairs/pairs-link.ts';
import { pairsRanges } from '../../src/views/pairs/pairs-settings.ts';
import { type PapersLink, readPapers, ways, writePapers } from '../../src/views/papers/papers-link.ts';
import { betaRange, type RunLink, readRun, writeRun } from '../../src/views/run/run-link.ts';
import { simplexRanges } from '../../src/views/simplex/simplex.ts';
import { mostStarts, readSimplex, type SimplexLink, writeSimplex } from '../../src/views/simplex/simplex-link.ts';
import { readStop, type StopLink, writeStop } from '../../src/views/stop/stop-link.ts';

/** A view's part of a link: its states, and how they are written and read. */
export interface LinkCodec<State = unknown> {
  readonly view: string;
  readonly states: fc.Arbitrary<State>;
  write(state: State): LinkFields;
  read(reader: LinkReader): State;
}

const within = ({ min, max, integer }: { min: number; max: number; integer: boolean }): fc.Arbitrary<number> =>
  integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true }).map((value) => value + 0); // -0 is written as 0

const defaultsOf = (choice: PageChoice): Record<string, number> =>
  Object.fromEntries(viewObjective(choice).parameters.map(({ name, value }) => [name, value]));
const named = fc.constantFrom(...objectives).map(({ id }): PageChoice => ({ name: id, params: defaultsOf({ name: id }) }));
const dpo = fc.double({ min: 0.01, max: 3, noNaN: true }).map((beta): PageChoice => ({ name: 'dpo', params: { beta } }));
const typed = fc
  .tuple(
    fc.constantFrom('-logsigmoid(beta * margin)', 'softplus(-k * (logp_w - logp_l)) - 0.5 * logp_w', 'square(logp_w - logp_l - 1 / tau)'),
    fc.double({ min: 0.01, max: 9, noNaN: true }),
  )
  .map(
    ([expression, value]): PageChoice => ({
      expression,
      params: Object.fromEntries(viewObjective({ expression }).parameters.map(({ name }) => [name, value])),
    }),
  );
const objective = fc.oneof(named, dpo, typed);

const row = fc.array(within({ min: -vectorReach, max: vectorReach, integer: false }), { minLength: 3, maxLength: 3 });
const vectors = fc.record({ hidden: row, unembedding: fc.array(row, { minLength: tokens.length, maxLength: tokens.length }) });

const moving = fc.record({
  how: fc.constantFrom(...moves),
  alpha: within(movingRanges.alpha),
  every: within(movingRanges.every),
});

export const toySettings = fc.record({
  train: fc.constantFrom('hidden' as const, 'unembedding' as const, 'both' as const),
  scale: within(ranges.scale),
  learningRate: within(ranges.learningRate),
  steps: within(ranges.steps),
  objective,
  vectors,
  sync: fc.option(moving),
});

/** The same for several losses, one of them the reader's own, and one with a reference that always moves. */
const stop = fc.tuple(toySettings, moving).map(([{ objective: own, ...shared }, sync]) => ({ ...shared, own, sync }));

/** A run, or one that was forked and goes on with another step size. */
const forked: fc.Arbitrary<ToySettings> = toySettings.chain((settings) =>
  fc
    .option(fc.record({ at: fc.integer({ min: 1, max: settings.steps - 1 }), learningRate: within(ranges.learningRate) }))
    .map((fork) => (fork ? changeSettings(forkedAt(settings, fork.at), { learningRate: fork.learningRate }) : settings)),
);

const ownPairs = fc.record({
  maxPairs: within(pairsRanges.maxPairs),
  maxTokens: within(pairsRanges.maxTokens),
  maxWords: within(pairsRanges.maxWords),
  learningRate: within(pairsRanges.learningRate),
  steps: within(pairsRanges.steps),
  objective,
});

/** With a step of the run, or none. */
const withStep = <S extends { steps: number }>(settings: fc.Arbitrary<S>) =>
  settings.chain((each) => fc.record({ settings: fc.constant(each), step: fc.option(fc.integer({ min: 0, max: each.steps })) }));

const mark = fc.constantFrom('acceptable' as const, 'harmful' as const, null);
const marks = fc.tuple(fc.constant(null), fc.constant(null), mark, mark, mark, mark);
/** One or two groups, some with a name of the reader's. */
const groups = fc
  .tuple(
    fc.shuffledSubarray([...tokens.keys()], { minLength: 4, maxLength: 6 }),
    fc.integer({ min: 2, max: 3 }),
    fc.boolean(),
    fc.constantFrom(undefined, 'refusals', 'Ja und nein', 'don’t know', 'отказ', '拒绝', 'a1'),
  )
  .map(([picked, first, isOne, name]) =>
    sorted([
      { tokens: picked.slice(0, first), ...(name === undefined ? {} : { name }) },
      ...(isOne || picked.length - first < 2 ? [] : [{ tokens: picked.slice(first) }]),
    ]),
  );
/** Marks as a link brings them: left out where they are those that the page begins with. */
const marked = fc
  .tuple(withStep(forked), marks, fc.boolean(), fc.option(groups), fc.option(forked), fc.array(forked, { maxLength: mostRunsCompared }))
  .map(([state, set, sees, joined, before, runs]) => ({
    ...state,
    ...(before ? { before } : {}),
    ...(runs.length > 0 ? { runs } : {}),
    ...(joined ? { groups: joined } : {}),
    ...(JSON.stringify(set) === JSON.stringify(defaultMarks) ? {} : { marks: set }),
    ...(sees ? { lens: 'sees' as const } : {}),
  }));

const suffixUpdate = (m: number) => ({
  learningRate: within(suffixRanges.learningRate),
  update: fc.constantFrom('plain' as const, 'normalised' as const),
  masked: fc.subarray(allPlaces(m)),
  objective,
});
const suffix: fc.Arbitrary<SuffixSettings> = within(suffixRanges.suffix).chain((m) =>
  fc
    .tuple(
      fc.record({
        suffix: fc.constant(m),
        afterChosen: within(suffixRanges.afterChosen),
        afterRejected: within(suffixRanges.afterRejected),
        first: within(suffixRanges.first),
        steps: within(suffixRanges.steps),
        ...suffixUpdate(m),
      }),
      fc.option(fc.record({ at: fc.integer({ min: 1, max: suffixRanges.steps.min }), later: fc.record(suffixUpdate(m)) })),
    )
    .map(([settings, fork]) => (fork ? { ...suffixForkedAt(settings, fork.at), ...fork.later } : settings)),
);

const comparedSuffix: fc.Arbitrary<EntanglementLink> = fc
  .tuple(withStep(suffix), fc.array(suffix, { maxLength: mostRunsCompared }))
  .map(([state, runs]) => ({ ...state, ...(runs.length > 0 ? { runs } : {}) }));

const levels = fc.array(fc.integer({ min: 0, max: topLevel }), { minLength: banditBins, maxLength: banditBins });

const bandit = fc.record({
  reward: fc.oneof(fc.record({ centre: within(modesRanges.centre), width: within(modesRanges.width) }), levels),
  reference: fc.oneof(fc.constantFrom(...lawKinds), levels),
  start: fc.oneof(fc.constant('reference' as const), fc.constantFrom(...lawKinds), levels),
  data: fc.constantFrom('reference' as const, ...lawKinds),
  beta: within(modesRanges.beta),
  learningRate: within(modesRanges.learningRate),
  steps: within(modesRanges.steps),
  bins: fc.uniqueArray(fc.nat(banditBins - 1), { minLength: 2, maxLength: 2 }).map(([a = 0, b = 1]) => [a, b] as const),
  race: fc.record({
    contestants: fc.subarray(contestants.map(({ id }) => id)),
    seeds: within(raceRanges.seeds),
    n: within(raceRanges.n),
    rounds: within(raceRanges.rounds),
    learningRate: within(raceRanges.learningRate),
    threshold: within(raceRanges.threshold),
    sampling: fc.constantFrom(...samplings),
  }),
});

const descents: fc.Arbitrary<ModesLink> = fc
  .tuple(withStep(bandit), fc.array(bandit, { maxLength: mostRunsCompared }))
  .map(([state, runs]) => ({ ...state, ...(runs.length > 0 ? { runs: runs.map(ofDescents) } : {}) }));

const everyMethod = methods.map(({ id }) => id);
const groupStates: fc.Arbitrary<GroupsLink> = fc
  .record({
    methods: fc.subarray(everyMethod),
    typed: fc.constantFrom(null, { expression: '-logsigmoid(beta * margin)', params: { beta: 0.3 } }),
    world: fc.constantFrom(...worlds),
    scene: fc.record({
      reward: fc.oneof(fc.record({ centre: within(modesRanges.centre), width: within(modesRanges.width) }), levels),
      reference: fc.oneof(fc.constantFrom(...lawKinds), levels),
      data: fc.constantFrom('reference' as const, ...lawKinds),
    }),
    threshold: within(groupsRanges.threshold),
    sampling: fc.constantFrom(...samplings),
    groupSize: within(groupsRanges.groupSize),
    learningRate: within(groupsRanges.learningRate),
    updates: within(groupsRanges.updates),
    reuse: within(groupsRanges.reuse),
    scale: fc.constantFrom(...scales),
    epsilon: within(groupsRanges.epsilon),
    epsilonHigh: within(groupsRanges.epsilonHigh),
    beta: within(groupsRanges.beta),
    kl: fc.constantFrom(...kls),
    sync: fc.constantFrom(...syncs),
    syncAlpha: within(groupsRanges.syncAlpha),
    syncSteps: within(groupsRanges.syncSteps),
    teacher: within(groupsRanges.teacher),
    lmbda: within(groupsRanges.lmbda),
    divergence: within(groupsRanges.divergence),
    entropy: within(groupsRanges.entropy),
    seeds: within(groupsRanges.seeds),
  })
  .chain((settings) =>
    fc.record({
      settings: fc.constant(settings),
      lens: fc.constantFrom(...lenses),
      quantity: fc.constantFrom(...quantities),
      comparison: fc.constantFrom(...comparisons),
      step: fc.option(fc.nat(batchesOf(settings) * settings.reuse)),
      slow: fc.record({
        method: fc.constantFrom(...groupMethods.map(({ id }) => id), typedId),
        seed: within(groupsRanges.seeds),
        prompt: fc.option(fc.nat(prompts - 1)),
        batch: fc.nat(batchesOf(settings) - 1),
        stop: fc.nat(stopsOf(settings) - 1),
      }),
    }),
  );

const share = fc.double({ min: 0, max: 1, noNaN: true });
const mapStates: fc.Arbitrary<MapState> = fc.constantFrom(...toys.map(({ id }) => id)).chain((toy) => {
  const usual = freshMap(toy);
  const axes = axesOf(usual.base).map(({ id }) => id);
  const own: Partial<Record<keyof MapState['base'], fc.Arbitrary<unknown>>> = {
    displacement: { scale: within(ranges.scale), vectors, train: fc.constantFrom('both', 'hidden', 'unembedding') },
    suffix: { suffix: fc.integer({ min: 0, max: 20 }), afterChosen: fc.double({ min: 0.02, max: 0.98, noNaN: true }) },
    hidden: { cosine: fc.double({ min: -1, max: 1, noNaN: true }).map((value) => value + 0) }, // a link knows no -0
    labels: { flipRate: share, coverage: share, count: fc.integer({ min: 1, max: 64 }) },
  }[toy];
  return fc.record({
    base: fc
      .record({
        ...own,
        learningRate: within(ranges.learningRate),
        steps: fc.integer({ min: 1, max: 2000 }),
        seed: fc.nat(9999),
        noise: share,
        objective: dpo,
      })
      .map((fields) => ({ ...usual.base, ...fields })),
    x: fc
      .record({ from: fc.constantFrom(null, 0.25), to: fc.constantFrom(null, 0.75), logarithmic: fc.constantFrom(null, true, false) })
      .map((choice) => ({ ...choice, id: axes[0], ...(toy === 'displacement' || toy === 'suffix' ? { from: null, to: null } : {}) })),
    y: fc.constantFrom(...axes.slice(1)).map(plainAxis),
    resolution: fc.constantFrom(...resolutions),
    seeds: fc.integer({ min: 1, max: 9 }),
    other: fc.option(fc.constantFrom({ name: 'dpo', params: { beta: 0.7 } }, { name: 'ipo', params: { beta: 0.2 } }), { nil: null }),
    metric: fc.constantFrom('regime', ...metricsOf(toy).map(({ id }) => id)),
    thresholds: fc.record({ fall: fc.double({ min: 0, max: 20, noNaN: true }), takeover: share, move: share, good: share, poor: share }),
    probes: fc.array(
      fc.tuple(fc.nat(10_000), fc.nat(10_000)).map(([a, b]) => [a / 1e4, b / 1e4]),
      { maxLength: 5 },
    ),
  }) as fc.Arbitrary<MapState>;
});

/** An axis that the other objective lacks cannot be chosen. */
const map = mapStates.map((state) => ({ ...state, other: state.y.id.startsWith('p.') ? null : state.other }));

/** Four digits, as a link holds them. */
const mix = fc
  .tuple(fc.integer({ min: 100, max: 4900 }), fc.integer({ min: 100, max: 4900 }))
  .map(([a, b]): Mix => [a / 1e4, b / 1e4, 1 - a / 1e4 - b / 1e4]);
const simplex: fc.Arbitrary<SimplexLink> = fc.record({
  settings: fc
    .record({
      vectors: fc.option(vectors, { nil: undefined }),
      corners: fc.shuffledSubarray([...tokens.keys()], { minLength: 3, maxLength: 3 }),
      isPooled: fc.boolean(),
      angle: fc.option(within(simplexRanges.angle)),
      distance: fc.option(within(simplexRanges.distance)),
      objective,
      reference: fc.option(mix),
    })
    .map(({ corners: [chosen = 0, rejected = 1, third = 2], isPooled, vectors, ...rest }) => ({
      ...(vectors ? { vectors } : {}),
      ...rest,
      chosen,
      rejected,
      third: isPooled ? ('rest' as const) : third,
    })),
  starts: fc.array(mix, { maxLength: mostStarts }),
});

const catalogue: fc.Arbitrary<CatalogueLink> = fc.record(
  {
    query: fc.oneof(fc.constantFrom('', 'reference free', 'arXiv:2410.08847'), fc.string({ maxLength: 20 })),
    compared: fc.shuffledSubarray(catalogueEntries.map(slugOf), { maxLength: mostCompared }),
    family: fc.constantFrom(...families.map(familySlug)),
    course: fc.constantFrom(...courses),
    opened: fc.shuffledSubarray(catalogueEntries.map(slugOf), { minLength: 1, maxLength: mostCompared }),
  },
  { requiredKeys: ['query', 'compared'] },
);

const ownRun: fc.Arbitrary<RunLink> = fc.record({ beta: fc.option(within(betaRange)) });

const codec = <State>(one: LinkCodec<State>): LinkCodec => one as unknown as LinkCodec;

const papersValues: fc.Arbitrary<PapersLink['values']> = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom('beta', 'pairs', 'flips'),
      fc.double({ min: -50, max: 50, noNaN: true }).map((value) => value + 0),
    ),
    {
      selector: ([name]) => name,
      maxLength: 3,
    },
  )
  .map((values): PapersLink['values'] => values);
const papers: fc.Arbitrary<PapersLink> = fc.record(
  {
    // where a page is named, the link's place names it, which a view's fields alone do not hold
    paper: fc.constant(null),
    study: fc.option(fc.constantFrom('13-rankings', '43-robust-labels', 'often-scale')),
    values: papersValues,
    seed: within(seedRange),
    way: fc.constantFrom(...ways.slice(1)),
    parting: fc.constantFrom('reverse-kl', 'ches'),
    query: fc.string({ maxLength: 100 }),
    theme: fc.option(fc.constantFrom(...(Object.keys(themes) as Theme[]))),
    trains: fc.constantFrom('dpo', 'ipo_sum', 'group.rloo'),
    claim: fc.option(fc.constantFrom('no-over-never', 'less-regret')),
  },
  { requiredKeys: ['paper', 'study', 'values', 'seed', 'query', 'theme', 'claim'] },
);

/** What a study of these names is asked with. */
const answer: fc.Arbitrary<AnswersLink> = fc.record({
  // where an answer is named, the link's place names it
  answer: fc.constant(null),
  values: papersValues,
  seed: within(seedRange),
});

/** Every view that a link holds the state of. */
export const linkCodecs: readonly LinkCodec[] = [
  codec<LinkState>({ view: 'displacement', states: marked, write: writeDisplacement, read: readDisplacement }),
  codec<StopLink>({ view: 'stop', states: withStep(stop), write: writeStop, read: readStop }),
  codec<EntanglementLink>({ view: 'entanglement', states: comparedSuffix, write: writeEntanglement, read: readEntanglement }),
  codec<ModesLink>({ view: 'modes', states: descents, write: writeModes, read: readModes }),
  codec<GroupsLink>({ view: 'groups', states: groupStates, write: writeGroups, read: readGroups }),
  codec<SimplexLink>({ view: 'simplex', states: simplex, write: writeSimplex, read: readSimplex }),
  codec<PapersLink>({ view: 'papers', states: papers, write: writePapers, read: readPapers }),
  codec<AnswersLink>({ view: 'answers', states: answer, write: writeAnswers, read: readAnswers }),
  codec({ view: 'pairs', states: ownPairs, write: writePairs, read: readPairs }),
  codec<RunLink>({ view: 'run', states: ownRun, write: writeRun, read: readRun }),
  codec<CatalogueLink>({ view: 'objectives', states: catalogue, write: writeCatalogue, read: readCatalogue }),
  codec<MapState>({ view: 'map', states: map, write: writeMap, read: readMap }),
];
