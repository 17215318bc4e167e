import { firstOrder, flipScale } from '../../atlas/toys/displacement/first-order.ts';
import {
  chosenToken,
  defaultSettings,
  noOverNever,
  partsOf,
  rejectedToken,
  type ToySettings,
  tokens,
  toyPolicy,
  trainPresets,
} from '../../atlas/toys/displacement/no-over-never.ts';
import type { RecordedStep } from '../../core/experiment.ts';
import { messageOf } from '../../core/message-of.ts';
import { type Displacement, displacementsOf } from '../../core/regime.ts';
import { sameFields, sameJson } from '../../core/same.ts';
import { roundingAllowance } from '../../shell/engine/engine-comparison.ts';
import type { PageEngineOwner } from '../../shell/engine/page-engine-owner.svelte.ts';
import type { SurvivingEngine } from '../../shell/engine/surviving-engine.svelte.ts';
import { forcesOf, type ObjectiveView, type PageChoice, type PairState, viewObjective } from '../../shell/losses/objective-view.ts';
import { matchedLearningRate } from '../../shell/losses/step-size.ts';
import type { Moment } from '../../shell/runs/moment.ts';
import { type Agreement, Player } from '../../shell/runs/player.svelte.ts';
import type { Pace } from '../../shell/runs/timeline.svelte.ts';
import { Spotlight } from '../../shell/teach/spotlight.svelte.ts';
import { type Engine, openEngine } from '../../train/engine.ts';
import { finitePart } from '../../train/finite-step.ts';
import { seesGapOnly } from './cause/gap-only.ts';
import { type LinkState, writeToy } from './displacement-link.ts';
import { type Group, unitsOf } from './groups.ts';
import { defaultPairSet, type PairSetSettings } from './pair-set-link.ts';
import { type BarStory, barStory } from './picture/bars.ts';
import { Look } from './picture/look.svelte.ts';
import { type Turn, turnOf } from './picture/sentence/turn.ts';
import { changeSettings, forkedAt } from './settings.ts';
import { type Cast, pairStateAt, topGainer } from './story.ts';
import { defaultMarks, type TokenMark, type TokenMarks } from './token-marks.ts';

/** Most updates between two frames, at any speed: the page must stay responsive. */
const mostUpdatesPerFrame = 250;
/** Updates a second at which the run is first watched, and at the moment it turns. */
const firstSpeed = 15;
const turningSpeed = 4;
/** Updates before the turn over which the run slows down. */
const slowsOver = 8;
/** Milliseconds after a change by hand in which another one may follow. */
const settles = 120;
/** Updates at a time for a reader who wants no animation. */
const calmStride = 5;

/**
 * The toy's one training run. The float64 CPU engine trains the same experiment beside it: that run is on the page
 * before the GPU is ready, fixes the axes, and is what the engine's numbers are checked against.
 */
export class Session extends Player<ToySettings, RecordedStep> {
  readonly cast: Cast = { tokens, chosen: chosenToken, rejected: rejectedToken };

  #expected = $state.raw<readonly RecordedStep[]>([]);
  /** whose run that is */
  #expectedOf: ToySettings;
  #agreement = $state.raw<Agreement | null>(null);
  #marks = $state.raw<TokenMarks>(defaultMarks);
  #moments = $state.raw<readonly Moment[]>([]);
  /** somebody may ask what happens in the run */
  #isExplained = false;
  /** what the present settings are a change of; null: nothing has been changed since a link, or the page, opened them */
  #changedFrom = $state.raw<ToySettings | null>(null);
  /** the run of those settings */
  #before = $state.raw<{ readonly settings: ToySettings; readonly steps: readonly RecordedStep[] } | null>(null);
  /** the run is shown whole at once, as after a change by hand */
  #isWhole = $state(false);
  #isReplaying = $state(false);
  /** counts replays: one that sees another number than its own has been stopped */
  #replays = 0;
  /** play was asked for before there was an engine */
  #isAwaited = false;
  /** trained at once up to this update, however the clock stands */
  #upTo = 0;
  /** the CPU engine's run of these settings is under way */
  #foreseen: { readonly settings: ToySettings; readonly run: Promise<void> } | null = null;
  readonly #isCalm: boolean;
  /** opened from a link of a run that waited at its turn: it is trained up to there at once, and waits */
  #waits = false;
  /** a lesson is under way: it has pauses of its own, and nothing is shown before it has been played */
  isTaught = $state(false);
  /** The page's own run plays by itself once, as far as its turn; `begun`: it has, and nobody has done anything yet. */
  #byItself = $state.raw<'will begin' | 'begun' | null>(null);
  /** what a lesson's reader expects of the chosen answer */
  guess = $state<'up' | 'same' | 'down' | null>(null);
  readonly spotlight = new Spotlight();
  readonly look = new Look();
  /** the generated pairs that CHES is tried on */
  pairSet = $state.raw<PairSetSettings>(defaultPairSet);
  /** answers that the reader takes as one */
  groups = $state.raw<readonly Group[]>([]);

  readonly owner: PageEngineOwner;
  readonly #oracle: Engine;
  /** what the present run trains on */
  #trainedOn: SurvivingEngine['backend'] = 'cpu';

  readonly #gainer = $derived.by(() => {
    const last = this.#expected.at(-1);
    return topGainer(this.start, this.shown, this.cast) ?? (this.shown.step === 0 && last ? topGainer(this.start, last, this.cast) : null);
  });
  /** [parts of a forked run] the start as the loss of each part sees it: another objective gives it another loss */
  readonly #starts = $derived.by(() => {
    const { start } = this;
    const [first, ...others] = partsOf(this.settings);
    const [chosen = Number.NaN, rejected = Number.NaN] = [start.chosenLogps[0], start.rejectedLogps[0]];
    const reference = { chosen, rejected, refChosen: chosen, refRejected: rejected };
    const lossOf = (objective: PageChoice): number => forcesOf(objective)(reference).loss;
    return [
      start,
      ...others.map(({ objective }) => (sameJson(objective, first?.objective) ? start : { ...start, loss: lossOf(objective) })),
    ];
  });
  readonly #startFor = $derived.by(() => {
    const parts = partsOf(this.settings).map(({ until, objective }) => ({ until, forces: forcesOf(objective) }));
    const { start } = this;
    // The state at a fork is recorded with the loss of what comes, and so is one at which the reference moves.
    return ({ step, reference }: Pick<RecordedStep, 'step' | 'reference'>): RecordedStep => {
      const found = parts.findIndex(({ until }) => step < until);
      const known = this.#starts[found] ?? this.#starts.at(-1) ?? start;
      const forces = (parts[found] ?? parts.at(-1))?.forces;
      return reference && forces ? { ...known, loss: forces(pairStateAt(start, { ...start, reference })).loss } : known;
    };
  });
  readonly #turn = $derived(turnOf(this.#expected, this.cast));
  readonly #units = $derived(unitsOf(this.cast, this.isTaught ? [] : this.groups));
  readonly #bars = $derived(barStory(this.#units, this.cast, this.start, this.shown));
  readonly #displacements = $derived(displacementsOf(this.steps, this.cast.chosen, this.#startFor));
  readonly #pairState = $derived(pairStateAt(this.start, this.shown));
  readonly #objective = $derived(viewObjective(this.settings.objective));
  readonly #seesGapOnly = $derived(seesGapOnly(this.settings.objective, this.#pairState));
  readonly #forces = $derived(forcesOf(this.settings.objective));
  readonly #startForces = $derived.by(() => {
    const [first] = partsOf(this.settings); // a forked run began with another objective, perhaps
    return forcesOf((first ?? this.settings).objective)(this.startState);
  });
  readonly #policy = $derived(toyPolicy(this.settings.scale, this.settings.train, this.settings.vectors));
  readonly #theory = $derived(firstOrder(this.#policy, this.cast.chosen, this.cast.rejected, this.#startForces));
  /** at the toy's own scale, c = 1: the scale that the slider multiplies */
  readonly #flipScale = $derived(flipScale(toyPolicy(1, 'both', this.settings.vectors), chosenToken, rejectedToken, this.#startForces));

  private constructor(owner: PageEngineOwner, settings: ToySettings, oracle: Engine, expected: readonly RecordedStep[], calm: boolean) {
    super(settings, { calm, write: writeToy });
    this.owner = owner;
    this.#oracle = oracle;
    this.#expected = expected;
    this.#expectedOf = settings;
    this.#isCalm = calm;
    this.setSpeed(firstSpeed);
  }

  /** Trains the toy on the CPU engine, so that there is something to show before the GPU has started. `whole`: the run is there at once. */
  static async create(owner: PageEngineOwner, options: { calm?: boolean; whole?: boolean; link?: LinkState } = {}): Promise<Session> {
    const { settings = defaultSettings, step = null, marks = defaultMarks, pairSet = defaultPairSet, groups = [] } = options.link ?? {};
    const { calm = false } = options;
    const oracle = await openEngine({ backend: 'cpu' });
    const { steps } = await oracle.train(noOverNever(settings));
    const session = new Session(owner, settings, oracle, finitePart(steps), calm);
    session.#marks = marks;
    session.pairSet = pairSet;
    session.groups = groups;
    session.look.lens = options.link?.lens ?? 'says';
    await session.#changeOf(options.link?.before ?? null, true);
    void session.compareWith(options.link?.runs);
    session.#waits = options.link?.waits === true && session.turn !== null;
    const isUsual = !session.#waits && !options.whole && step === null && sameFields(settings, defaultSettings);
    session.#byItself = isUsual && !calm && session.turn ? 'will begin' : null;
    if (!session.#waits) session.lookAt(step);
    // A reader who wants no animation sees the moment, or the whole run of an experiment that is not the page's own.
    session.#isWhole = options.whole ?? (!session.#waits && (step !== null || (calm && !sameFields(settings, defaultSettings))));
    return session;
  }

  protected get preview(): readonly RecordedStep[] {
    // Before the first state of a new run arrives its start is known already, by the CPU engine, and so is all that is shown at once.
    if (this.#isWhole || this.status === 'failed') return this.#expected;
    return this.#expected.slice(0, 1 + (this.#waits || this.status === 'starting' ? this.#opensAt : 0));
  }
  /** where a run opens that is not shown whole */
  get #opensAt(): number {
    return this.#isCalm || this.#waits ? this.#calmStop : 0;
  }
  /** where a reader who wants no animation begins */
  get #calmStop(): number {
    return this.isTaught ? 0 : (this.#turn?.step ?? this.settings.steps);
  }
  protected override changed(settings: ToySettings, change: Partial<ToySettings>): ToySettings {
    return changeSettings(settings, change);
  }
  protected keptOf(states: readonly RecordedStep[]): readonly RecordedStep[] {
    return states;
  }
  protected async trainApart(settings: ToySettings) {
    return { states: await this.#oracleRun(settings), engine: 'cpu' as const };
  }
  protected forked(settings: ToySettings, at: number): ToySettings {
    return forkedAt(settings, at);
  }
  protected get expectedIsWhole(): boolean {
    return true;
  }
  protected get trainedOn(): SurvivingEngine['backend'] {
    return this.#trainedOn;
  }
  protected override get ready(): boolean {
    return this.engine !== null;
  }

  get engine(): SurvivingEngine | null {
    return this.owner.engine;
  }
  get opening(): boolean {
    return this.owner.opening;
  }
  /** the same run on the float64 CPU engine, whole */
  get expected(): readonly RecordedStep[] {
    return this.#expected;
  }
  get start(): RecordedStep {
    const start = this.steps[0] ?? this.#expected[0];
    if (!start) throw new Error('The toy has no start: the CPU engine returned no finite state.');
    return start;
  }
  /** the start as the loss that trains at the step shown sees it */
  get startForShown(): RecordedStep {
    return this.#startFor(this.shown);
  }
  /** log-probs of the pair at the start, which is the reference until that moves */
  get startState(): PairState {
    return pairStateAt(this.start, this.start);
  }
  override get shown(): RecordedStep {
    return this.current ?? this.start;
  }
  get agreement(): Agreement | null {
    return this.#agreement;
  }
  get gainer(): number | null {
    return this.#gainer;
  }
  /** the loss reads the gap of the pair and nothing else */
  get seesGapOnly(): boolean {
    return this.#seesGapOnly;
  }
  /** where the run turns, by the float64 CPU engine; null: nowhere */
  get turn(): Turn | null {
    return this.#turn;
  }
  /** the float64 CPU engine's run of the settings that the present ones are a change of; null: nothing has been changed */
  get before(): readonly RecordedStep[] | null {
    return this.isTaught ? null : (this.#before?.steps ?? null);
  }
  /** the settings of that run */
  get comparedSettings(): ToySettings | null {
    return this.isTaught ? null : (this.#before?.settings ?? null);
  }
  /** the run is shown whole at once, since it was changed by hand */
  get isWhole(): boolean {
    return this.#isWhole;
  }
  /** it moves by itself */
  get isPlaying(): boolean {
    return this.#isReplaying || (this.status === 'playing' && !this.#isWhole);
  }
  get isCalm(): boolean {
    return this.#isCalm;
  }
  /** nobody has done anything yet, and it is about to play */
  get beginsByItself(): boolean {
    return this.#byItself === 'will begin' && !this.isTaught;
  }
  /** Begins to play, unless the reader has been before. */
  beginByItself(): void {
    if (!this.beginsByItself) return;
    this.#byItself = 'begun';
    this.play();
  }
  /** The reader is here: nothing begins by itself any more. */
  leaveToReader(): void {
    this.#byItself = null;
  }
  /** Updates that are left where the run has stopped at its turn and waits for the reader; 0: it does not wait there. */
  get toGo(): number {
    const { step } = this.shown;
    const waits = this.status === 'paused' && !this.#isReplaying && step === this.#turn?.step && step === this.steps.at(-1)?.step;
    return waits && !this.isTaught ? this.settings.steps - step : 0;
  }
  protected override get pace(): number {
    const turn = this.#turn?.step;
    const left = turn === undefined ? Number.POSITIVE_INFINITY : turn - (this.recorded.at(-1)?.step ?? 0);
    const slowed = left > 0 && left <= slowsOver && !this.isTaught && !this.#isReplaying && this.speed === firstSpeed;
    const speed = slowed ? turningSpeed + ((this.speed - turningSpeed) * left) / slowsOver : this.speed;
    return this.#isCalm ? speed / calmStride : speed;
  }
  /** what the reader thinks of the tokens outside the pair */
  get marks(): TokenMarks {
    return this.#marks;
  }
  mark(token: number, mark: TokenMark | null): void {
    this.#marks = this.#marks.map((old, index) => (index === token ? mark : old));
  }
  /** the bars of the picture: a lesson shows each answer alone */
  get bars(): BarStory {
    return this.#bars;
  }
  /** what happens in the run, by the float64 CPU engine, whole as soon as that engine has trained; nothing before `explain` */
  get moments(): readonly Moment[] {
    return this.#moments;
  }
  protected override get standing(): number | null {
    const step = super.standing;
    // where it stands by itself a link that names no step opens, too
    const begins = this.#isCalm && sameFields(this.settings, defaultSettings) ? this.#calmStop : 0;
    return this.#isReplaying || this.#byItself === 'begun' || step === begins ? null : step;
  }
  override get link(): LinkState {
    if (this.isTaught) return { settings: this.settings, step: null }; // a lesson sets the rest
    const waits = this.toGo > 0 && this.standing !== null;
    return {
      ...super.link,
      ...(waits ? { waits } : {}),
      ...(this.#changedFrom ? { before: this.#changedFrom } : {}),
      marks: this.#marks,
      groups: this.groups,
      pairSet: this.pairSet,
      lens: this.look.lens,
    };
  }
  override restore(link: LinkState): void {
    this.#marks = link.marks ?? defaultMarks;
    this.groups = link.groups ?? [];
    this.pairSet = link.pairSet ?? defaultPairSet;
    this.look.lens = link.lens ?? 'says';
    const { before = null } = link;
    if (before && !this.runs.isSame(link.settings, this.settings) && !this.runs.isSame(before, this.settings)) this.passThrough(before);
    if (link.waits) {
      this.#restoreWaiting(link.settings);
      void this.compareWith(link.runs);
    } else super.restore(link);
    void this.#changeOf(before);
  }
  /** The run as far as its turn, where it waits. */
  #restoreWaiting(settings: ToySettings): void {
    this.adopt(settings);
    this.#isWhole = false;
    this.instant = false;
    this.restart();
    this.#waits = true;
    if (this.ready) this.status = 'paused';
  }
  /** where the chosen answer is displaced, in what has been trained */
  get displacements(): readonly Displacement[] {
    return this.#displacements;
  }
  /** the objective that trains, with its parameters */
  get objective(): ObjectiveView {
    return this.#objective;
  }
  /** log-probs of the pair in the state shown, and in the reference */
  get pairState(): PairState {
    return this.#pairState;
  }
  /** loss and forces of the objective at a state of the pair */
  get forces(): ReturnType<typeof forcesOf> {
    return this.#forces;
  }
  /** the c at which the chosen answer's first move changes sign; null where it does not */
  get flipScale(): number | null {
    return this.#flipScale;
  }
  get theory(): ReturnType<typeof firstOrder> {
    return this.#theory;
  }
  /** what the run begins with */
  get policy(): ReturnType<typeof toyPolicy> {
    return this.#policy;
  }

  protected override changedFrom(): void {
    this.instant = !this.isTaught;
    this.#isWhole = !this.isTaught;
    this.#waits = false;
    const { settings } = this;
    this.#changedFrom = this.settingsBefore;
    const run = this.#foresee();
    run.catch(() => {}); // the run that trains meets the same error, and tells it
    this.#foreseen = { settings, run };
    this.restart();
    if (this.isTaught && this.ready) this.status = 'paused';
  }

  override restart(): void {
    this.#stopReplay();
    this.#upTo = 0;
    super.restart();
  }

  override reset(): void {
    this.instant = false;
    this.#isWhole = false;
    this.#waits = false;
    super.reset();
  }

  override play(): void {
    if (this.status === 'starting') {
      this.#isAwaited = true;
      return;
    }
    const isBehind = this.position < this.steps.length - 1 && !this.#isReplaying;
    if (isBehind) {
      void this.#replay();
      return;
    }
    this.#isWhole = false;
    this.#waits = false;
    super.play();
  }

  override pause(): void {
    this.#stopReplay();
    this.#isAwaited = false;
    super.pause();
  }

  #stopReplay(): void {
    this.#replays++;
    this.#isReplaying = false;
  }

  /** Goes on from the step shown through what has been trained already, then trains on. */
  async #replay(): Promise<void> {
    const replay = ++this.#replays;
    this.#isReplaying = true;
    this.hover(null);
    let before = performance.now();
    let owed = 0;
    while (true) {
      await this.nextFrame();
      if (replay !== this.#replays) return;
      const now = performance.now();
      owed += (Math.min(now - before, 100) * Math.min(this.pace, 1e6)) / 1000;
      before = now;
      const updates = Math.floor(owed) * (this.#isCalm ? calmStride : 1);
      owed -= Math.floor(owed);
      if (updates === 0) continue;
      const next = this.position + updates;
      const latest = this.steps.length - 1;
      this.show(next < latest ? next : null);
      if (next < latest) continue;
      this.#stopReplay();
      if (this.status === 'paused') super.play();
      return;
    }
  }

  /**
   * Trains the run on the engine that is there now, as far as it was shown before: a first visit begins still, at the start. Resolves when
   * the run before, on another engine, has stopped.
   */
  changeEngine(): Promise<void> {
    const { engine } = this;
    const wasPlaying = this.isPlaying || this.#isAwaited;
    const isFirst = this.recorded.length === 0;
    const reached = isFirst && !this.#isWhole ? this.#opensAt : (this.recorded.at(-1)?.step ?? 0);
    const seen = Math.max(reached, this.heading);
    const wasWhole = this.#isWhole || this.status === 'finished' || seen >= this.settings.steps;
    void engine?.lost.then((error) => {
      if (this.engine === engine) this.fail(messageOf(error));
    });
    const released = new Promise<void>((resolve) => this.enqueue(resolve));
    if (wasWhole) {
      this.instant = true;
      this.#isWhole = true;
    }
    this.restartHere();
    this.#upTo = seen;
    this.instant = wasWhole;
    if (!wasWhole && !wasPlaying && engine) this.status = 'paused';
    this.#isAwaited = false;
    return released;
  }

  /**
   * Trains with another objective of the catalogue, at the step size at which its first update pushes the pair as hard as the default
   * run's does: forces of objectives differ by orders of magnitude, and most would diverge, or stand still, at DPO's step size.
   */
  choose(objective: PageChoice): void {
    const known = { objective: defaultSettings.objective, learningRate: trainPresets[this.settings.train].learningRate };
    this.change({ objective, learningRate: matchedLearningRate(objective, known, this.startState) });
  }

  /** A change that leaves what the run is compared with as it is. */
  changeOn(change: Partial<ToySettings>): void {
    const from = this.#changedFrom;
    this.change(change);
    this.#changedFrom = from ?? this.#changedFrom;
  }

  dispose(): void {
    this.stop();
    this.enqueue(() => this.#oracle.dispose());
  }

  protected async train(pace: Pace<RecordedStep>): Promise<void> {
    const { engine } = this;
    const experiment = noOverNever(this.settings);
    const total = this.settings.steps;
    await (this.#foreseen?.settings === this.settings ? this.#foreseen.run : this.#foresee());
    if (pace.stale()) return;
    if (this.#waits) this.#upTo = Math.max(this.#upTo, this.#opensAt); // its turn is known now
    this.#agreement = null;
    // While something is dragged only the end matters, which is there: the moments and the engine's run wait until it rests.
    if (this.#isWhole) await new Promise((resolve) => setTimeout(resolve, settles));
    if (pace.stale()) return;
    await this.#findMoments();
    if (pace.stale() || !engine) return;
    this.#trainedOn = engine.backend;
    const run = await engine.startRun(experiment);
    try {
      const keep = (recorded: readonly RecordedStep[]): void => {
        if (pace.stale()) return;
        const finite = finitePart(recorded);
        const first = recorded[finite.length];
        if (first) this.divergedAt = first.step;
        pace.append(finite);
        if (engine.backend === 'webgpu') this.#agreement = this.#compare(finite);
      };
      // A run that is shown whole comes in one piece: what the CPU engine foresaw stands there until then.
      let held: readonly RecordedStep[] = await run.advance(0, [0]);
      const flush = (): void => {
        keep(held);
        held = [];
      };
      const fork = this.forkOf(this.settings);
      while (run.step < total && this.divergedAt === null) {
        const from = run.step;
        // What is before a fork has been seen: the run is there at once.
        const known = Math.min(total, Math.max(fork, this.#upTo));
        const isHeld = (this.instant && this.status === 'playing') || from < known;
        if (!isHeld) flush();
        const turn = this.#turn?.step ?? total;
        const stop = !this.instant && !this.isTaught && from < turn ? turn : total;
        const most = Math.min(mostUpdatesPerFrame, (from < known ? known : stop) - from);
        const due = from < known ? most : await pace.due(most);
        if (pace.stale()) return;
        const updates =
          this.#isCalm && !this.instant && this.status === 'playing' && from >= known ? Math.min(most, due * calmStride) : due;
        const recorded = await run.advance(
          updates,
          Array.from({ length: updates }, (_, index) => from + 1 + index),
        );
        held = [...held, ...recorded];
        if (finitePart(recorded).length < recorded.length) break;
        if (!isHeld) flush();
        if (run.step === turn && stop === turn && this.status === 'playing' && from >= known) this.pause();
      }
      if (held.length > 0) flush();
    } finally {
      run.dispose();
    }
  }

  /** The run of any settings on the CPU engine, as far as it is finite. */
  async #oracleRun(settings: ToySettings): Promise<readonly RecordedStep[]> {
    return finitePart((await this.#oracle.train(noOverNever(settings))).steps);
  }

  /** The last state of the run with other vectors, on the CPU engine. */
  async endWith(vectors: ToySettings['vectors']): Promise<RecordedStep | null> {
    return (await this.#oracleRun(changeSettings(this.settings, { vectors }))).at(-1) ?? null;
  }

  /** The run of the present settings on the CPU engine, and that of the settings before. */
  async #foresee(): Promise<void> {
    const { settings } = this;
    const steps = await this.#oracleRun(settings);
    if (settings !== this.settings) return;
    this.#expected = steps;
    this.#expectedOf = settings;
    await this.#foreseeBefore();
  }

  async #foreseeBefore(): Promise<void> {
    const settings = this.#changedFrom;
    if (settings === (this.#before?.settings ?? null)) return;
    const steps = settings && (await this.#oracleRun(settings));
    if (settings === this.#changedFrom) this.#before = settings && steps && { settings, steps };
  }

  /** Takes the present run as a change of another one: `isFirst`, on a page that has just opened, where undo goes back to that one. */
  #changeOf(settings: ToySettings | null, isFirst = false): Promise<void> {
    if (settings && isFirst) {
      const present = this.settings;
      this.held = settings;
      this.passThrough(present);
    }
    this.#changedFrom = settings;
    return this.#foreseeBefore();
  }

  /** Tells what happens in the run, and in every later one: the words are fetched now. */
  explain(): Promise<void> {
    this.#isExplained = true;
    return this.#findMoments();
  }

  /** Finds what happens in the run, and asks the CPU engine for the vectors at those steps. */
  async #findMoments(): Promise<void> {
    const telling = this.#isExplained && (await import('./moments.ts').catch(() => null)); // the page says what could not be fetched
    const [steps, settings] = [this.#expected, this.settings];
    const [start] = steps;
    if (!telling || settings !== this.#expectedOf) return;
    const parts = partsOf(settings).map(({ until, objective }) => ({ until, forces: forcesOf(objective) }));
    const forcesAt = (pair: PairState, step: number) =>
      (parts.find(({ until }) => step < until) ?? parts.at(-1))?.forces(pair) ?? this.#forces(pair);
    const events = telling.displacementEvents(steps, forcesAt);
    const moments: Moment[] = [];
    const run = await this.#oracle.startRun(noOverNever(settings));
    try {
      for (const event of events) {
        await run.advance(event.step - run.step, []);
        const [now, parameters] = [steps[event.step], await run.parameters()];
        if (settings !== this.settings) return;
        if (start && now)
          moments.push(
            telling.tellEvent(event, { start, now, settings, forces: forcesAt(pairStateAt(start, now), event.step) }, parameters),
          );
      }
    } finally {
      run.dispose();
    }
    this.#moments = moments;
  }

  #compare(recorded: readonly RecordedStep[]): Agreement | null {
    let largest = this.#agreement?.largestDifference ?? 0;
    let lastStep = this.#agreement?.lastStep ?? 0;
    let size = 0;
    for (const { step, outcomeLogps = [] } of recorded) {
      const expected = this.#expected[step]?.outcomeLogps;
      if (!expected) continue; // the CPU's run overflowed before
      lastStep = step;
      outcomeLogps.forEach((logp, index) => {
        largest = Math.max(largest, Math.abs(logp - (expected[index] ?? Number.NaN)));
        size = Math.max(size, Math.abs(logp));
      });
    }
    return { largestDifference: largest, lastStep, allowance: roundingAllowance(lastStep, size) };
  }
}
