import type { ToySettings } from '../atlas/toys/displacement/no-over-never.ts';
import { messageOf } from '../core/message-of.ts';
import { type EngineChoice, PageEngineOwner } from '../shell/engine/page-engine-owner.svelte.ts';
import type { SharedExperiment, Sharing } from '../shell/experiment/shared-experiment.ts';
import { experimentField } from '../shell/links/experiment-link.ts';
import { type LinkFields, type LinkProblem, LinkReader, plainLink, writeLink } from '../shell/links/link.ts';
import { openLink } from '../shell/links/open-link.ts';
import { Presentation, type PresentationState, readPresentation, writePresentation } from '../shell/teach/presentation.svelte.ts';
import { type Doors, noFields, type OpenedView, type ViewLink, type ViewState } from '../shell/view.ts';
import { OneExperiment } from './one-experiment.svelte.ts';
import { type LabOf, type ViewId, viewOf, viewOfLink, views } from './views.ts';

/** A view that has been opened: its state, and what shows it. */
interface Open {
  readonly state: ViewState<unknown>;
  readonly component: OpenedView<unknown>['component'];
}

/** The whole page: which view is open, the state of each, and the link that holds it. */
export class Page implements Doors {
  readonly engine: PageEngineOwner;
  readonly presentation = new Presentation(views);
  readonly #calm: boolean;
  #opened = $state.raw<Partial<Record<ViewId, Open>>>({});
  readonly #opening = new Map<ViewId, Promise<boolean>>();
  #view = $state<ViewId>('displacement');
  #hidden = false;
  #followings = 0;
  #problems = $state.raw<readonly LinkProblem[]>([]);

  readonly #experiment = new OneExperiment();
  readonly #fields = $derived.by((): LinkFields => {
    const { run, look, room = null } = this.#opened[this.#view]?.state.fields() ?? noFields;
    const isAlone = this.#view === views[0]?.id || this.presentation.state.lesson !== null;
    return { run: isAlone ? run : { ...run, ...experimentField.write(this.experiment) }, look, room };
  });

  private constructor(choice: EngineChoice, calm: boolean) {
    this.engine = new PageEngineOwner(choice);
    this.#calm = calm;
    this.engine.onchange = async () => {
      const changes = Object.values(this.#opened).map(({ state }) => state.changeEngine?.());
      this.#rest();
      await Promise.all(changes);
    };
  }

  /** Opens a link. What is wrong with it is kept for the reader in `problems`. */
  static async create({ hash, choice, calm }: { hash: string; choice: EngineChoice; calm: boolean }): Promise<Page> {
    const { view, reader } = viewOfLink(await openLink(hash));
    const page = new Page(choice, calm);
    page.presentation.change(readPresentation(reader, views));
    page.#view = view;
    await page.#open(view, reader);
    page.#experiment.open(view, page.#sharing(view), experimentField.read(reader));
    page.#problems = [...reader.finish(), ...page.#problems];
    page.#rest();
    return page;
  }

  /** Fetches the state of a view, from a link where one opens it. Whether that was the first time. */
  async #open(view: ViewId, reader: LinkReader | null = null): Promise<boolean> {
    if (this.#opened[view]) return false;
    const under = this.#opening.get(view);
    if (under) return under.then(() => false);
    const opening = this.#fetch(view, reader);
    this.#opening.set(view, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(view);
    }
  }

  async #fetch(view: ViewId, reader: LinkReader | null): Promise<boolean> {
    const { engine } = this;
    const loaded = await viewOf(view)
      .load()
      .catch(() => null);
    if (!loaded) return false; // the page hears of it, and tells why: see `FailedLoad`
    const { open, component } = loaded;
    try {
      const keep = <S extends object>(next: S, present: S): S => this.presentation.keep(view, next, present);
      const state = await open({ engine, calm: this.#calm, keep, reader });
      this.#opened = { ...this.#opened, [view]: { state, component } };
      return true;
    } catch (error) {
      this.#problems = [...this.#problems, { key: 'view', value: view, reason: `This view could not be opened: ${messageOf(error)}` }];
      return false;
    }
  }

  /** A view's state and component; null before they have been fetched. */
  opened(view: ViewId): Open | null {
    return this.#opened[view] ?? null;
  }
  /** The lab of a view; null before it has been fetched. */
  lab<Id extends ViewId>(view: Id): LabOf<Id> | null {
    return (this.#opened[view]?.state.lab as LabOf<Id> | undefined) ?? null;
  }

  /** the room of the open view that the reader is in; null: at its own place */
  get room(): string | null {
    return this.#fields.room ?? null;
  }
  get view(): ViewId {
    return this.#view;
  }
  /** what the last link held and could not be used */
  get problems(): readonly LinkProblem[] {
    return this.#problems;
  }
  /** the reader has opened files, which no link keeps */
  get holdsFiles(): boolean {
    return Object.values(this.#opened).some(({ state }) => state.holdsFiles?.());
  }
  /** the present link's hash, without '#' */
  get hash(): string {
    return this.hashWith(this.presentation.state);
  }
  /** the link of the page as it is, presented in another way */
  hashWith(presentation: PresentationState): string {
    const { lesson } = presentation;
    // A lesson sets its own stage: of the view it needs what it has led to, and no more.
    const { run, look, room } = lesson && lesson.id !== this.presentation.state.lesson?.id ? noFields : this.#fields;
    return writeLink(viewOf(this.#view).route, {
      run,
      look: { ...(lesson ? {} : look), ...writePresentation(presentation) },
      room: room ?? null,
    });
  }
  /** the same without what is merely looked at: a new one is a new entry in the browser's history */
  get runHash(): string {
    return writeLink(viewOf(this.#view).route, this.#fields, false);
  }

  /** what the views about the toy train, as the reader has changed it in any of them */
  get experiment(): SharedExperiment & Partial<Pick<ToySettings, 'sync'>> {
    const sharing = this.#sharing(this.#view);
    return { ...this.#experiment.with(sharing), ...sharing?.own?.() };
  }
  #sharing(view: ViewId): Sharing | undefined {
    return this.#opened[view]?.state.sharing;
  }

  /** set by the page: the open view is about to go */
  onleave: () => void = () => {};

  /** Shows a view, with the experiment as it is now. */
  show(view: ViewId): void {
    void this.#come(view, {});
  }

  async #come(view: ViewId, change: object): Promise<void> {
    const coming = ++this.#followings;
    if (view !== this.#view) this.onleave();
    this.#experiment.leave(this.#view, this.#sharing(this.#view));
    this.#view = view;
    this.#rest();
    await this.#open(view);
    if (coming !== this.#followings) return; // the reader has gone on
    this.#experiment.enter(view, this.#sharing(view));
    if (Object.keys(change).length > 0) this.#opened[view]?.state.change?.(change);
    this.#rest();
  }

  /** Everything of the open view as it begins. A change like any other: the browser goes back to what was. */
  restart(): void {
    this.#opened[this.#view]?.state.restore(new LinkReader(new URLSearchParams()));
  }

  /** A page that nobody sees does not train. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#rest();
  }

  #rest(): void {
    this.engine.engine?.rest(this.#hidden);
    for (const [view, { state }] of Object.entries(this.#opened)) state.setHidden?.(this.#hidden || this.#view !== view);
  }

  /** Follows a link on the open page. */
  async follow(hash: string): Promise<void> {
    const following = ++this.#followings;
    const link = await openLink(hash);
    if (following !== this.#followings) return; // another link has overtaken this one
    const { view, reader } = viewOfLink(link);
    const presentation = readPresentation(reader, views);
    const carried = experimentField.read(reader);
    this.#problems = [];
    const isFresh = await this.#open(view, reader);
    // What a lesson puts aside is the reader's run, not what its link sets.
    const isEntered = !isFresh && this.#opened[view] && presentation.lesson?.id === view && this.presentation.state.lesson?.id !== view;
    const lesson = isEntered
      ? await viewOf(view)
          .lesson?.load()
          .catch(() => null)
      : null;
    if (following !== this.#followings) return;
    if (view !== this.#view) this.onleave();
    this.presentation.change(presentation);
    if (lesson) this.presentation.bringBack = lesson.aside(this.lab(view));
    try {
      this.presentation.stage(() => {
        if (!isFresh) this.#opened[view]?.state.restore(reader);
      });
      this.#view = view;
      this.#experiment.open(view, this.#sharing(view), carried);
    } catch (error) {
      // The page stays as it is, and says so.
      this.#problems = [...this.#problems, { key: 'view', value: view, reason: `This link could not be followed: ${messageOf(error)}` }];
    }
    this.#rest();
    this.#problems = [...reader.finish(), ...this.#problems];
  }

  linkTo(name: string, run: LinkFields['run']): string {
    const view = views.find(({ id }) => id === name);
    if (!view) throw new Error(`There is no view "${name}".`);
    return writeLink(view.route, { run, look: {} }) || plainLink(view.route);
  }

  async openView(name: string, change: object): Promise<void> {
    const view = views.find(({ id }) => id === name)?.id;
    if (!view) throw new Error(`There is no view "${name}".`);
    await this.#come(view, change);
  }

  /** Trains the toy with an objective of the catalogue, in the displacement view. */
  trainWith(name: string): void {
    void this.#come('displacement', {}).then(() => this.lab('displacement')?.choose({ name }));
  }

  async claimLinks(): Promise<Readonly<Record<string, ViewLink>>> {
    const { claimViews } = await import('./claim-views.ts');
    return claimViews;
  }

  /** Opens the lesson of a view, at its first step. */
  teach(id: ViewId): void {
    this.show(id);
    this.presentation.change({ lesson: { id, step: 0 } });
  }

  /**
   * Has a GPU compile what views that are not open yet will need, for the experiment as it is. Nobody waits for it: what fails is told when
   * it is asked for.
   */
  async prepareAhead(): Promise<void> {
    const engine = this.engine.engine;
    if (engine?.backend !== 'webgpu') return;
    const closed = views.filter(({ id }) => !this.#opened[id]);
    await Promise.allSettled(closed.map(({ ahead }) => ahead?.(engine, this.experiment)));
  }

  dismissProblems(): void {
    this.#problems = [];
  }
}
