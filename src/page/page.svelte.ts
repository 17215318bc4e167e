import { messageOf } from '../core/message-of.ts';
import { type LinkFields, type LinkProblem, type LinkReader, type ViewId, writeLink } from '../shell/links/link.ts';
import { openLink } from '../shell/links/open-link.ts';
import type { Given } from '../shell/runs/view-state.ts';
import {
  type LessonId,
  Presentation,
  type PresentationState,
  readPresentation,
  writePresentation,
} from '../shell/teach/presentation.svelte.ts';
import { readDisplacement, writeDisplacement } from '../views/displacement/displacement-link.ts';
import { type EngineChoice, Session } from '../views/displacement/session.svelte.ts';
import type { EntanglementLab } from '../views/entanglement/entanglement.svelte.ts';
import type { MapBase } from '../views/map/map-toys.ts';
import type { ModesLab } from '../views/modes/modes.svelte.ts';

const nothing: LinkFields = { run: {}, look: {} };

/** The states of the views, each fetched when its view is opened first: the page's own load stays small. */
const labs = {
  entanglement: () => import('../views/entanglement/view.ts'),
  modes: () => import('../views/modes/view.ts'),
  simplex: () => import('../views/simplex/view.ts'),
  map: () => import('../views/map/view.ts'),
  claims: () => import('../views/claims/view.ts'),
  pairs: () => import('../views/pairs/view.ts'),
};
type Loaders = typeof labs;
type LabId = keyof Loaders;
type Opened = { readonly [Id in LabId]?: ReturnType<Awaited<ReturnType<Loaders[Id]>>['open']> };

const hasLab = (view: ViewId): view is LabId => view in labs;

/** The whole page: which view is open, the state of each, and the link that holds it. */
export class Page {
  readonly session: Session;
  readonly presentation = new Presentation();
  readonly #calm: boolean;
  #opened = $state.raw<Opened>({});
  #view = $state<ViewId>('displacement');
  #hidden = false;
  #followings = 0;
  #problems = $state.raw<readonly LinkProblem[]>([]);

  readonly #fields = $derived.by((): LinkFields => {
    if (this.#view === 'displacement') return writeDisplacement(this.session.link);
    return (hasLab(this.#view) ? this.#opened[this.#view] : null)?.fields() ?? nothing;
  });

  private constructor(session: Session, calm: boolean) {
    this.session = session;
    this.#calm = calm;
    session.keep = this.#keeperOf('displacement');
    session.onEngine = () => {
      for (const state of Object.values(this.#opened)) state.changeEngine?.();
      this.#rest();
    };
  }

  /** Opens a link. What is wrong with it is kept for the reader in `problems`. */
  static async create({ hash, choice, calm }: { hash: string; choice: EngineChoice; calm: boolean }): Promise<Page> {
    const { view, reader } = await openLink(hash);
    const presentation = readPresentation(reader);
    const link = view === 'displacement' ? { link: readDisplacement(reader) } : {};
    const page = new Page(await Session.create({ choice, calm, ...link }), calm);
    page.presentation.change(presentation);
    page.#view = view;
    await page.#open(view, reader);
    page.#problems = [...reader.finish(), ...page.#problems];
    page.#rest();
    return page;
  }

  /** Fetches the state of a view, from a link where one opens it. Whether that was the first time. */
  async #open(view: ViewId, reader: LinkReader | null = null): Promise<boolean> {
    if (!hasLab(view) || this.#opened[view]) return false;
    try {
      const { open } = (await labs[view]()) as { open: (given: Given) => Opened[LabId] };
      if (this.#opened[view]) return false;
      this.#opened = { ...this.#opened, [view]: open({ session: this.session, calm: this.#calm, keep: this.#keeperOf(view), reader }) };
      return true;
    } catch (error) {
      this.#problems = [...this.#problems, { key: 'view', value: view, reason: `This view could not be opened: ${messageOf(error)}` }];
      return false;
    }
  }

  #keeperOf(view: ViewId): Given['keep'] {
    return (next, present) => this.presentation.keep(view, next, present);
  }

  /** The state of a view; null before it has been fetched. */
  lab<Id extends LabId>(id: Id): NonNullable<Opened[Id]>['lab'] | null {
    return this.#opened[id]?.lab ?? null;
  }
  /** Whether the state of a view is there. */
  isOpen(view: ViewId): boolean {
    return !hasLab(view) || this.#opened[view] !== undefined;
  }
  get entanglement(): EntanglementLab {
    return this.#needed(this.lab('entanglement'));
  }
  get modes(): ModesLab {
    return this.#needed(this.lab('modes'));
  }
  #needed<Lab>(lab: Lab | null): Lab {
    if (lab === null) throw new Error('This view has not been opened yet.');
    return lab;
  }

  get view(): ViewId {
    return this.#view;
  }
  /** what the last link held and could not be used */
  get problems(): readonly LinkProblem[] {
    return this.#problems;
  }
  /** the present link's hash, without '#' */
  get hash(): string {
    return this.hashWith(this.presentation.state);
  }
  /** the link of the page as it is, presented in another way */
  hashWith(presentation: PresentationState): string {
    const { run, look } = this.#fields;
    return writeLink(this.#view, { run, look: { ...look, ...writePresentation(presentation) } });
  }
  /** the same without what is merely looked at: a new one is a new entry in the browser's history */
  get runHash(): string {
    return writeLink(this.#view, this.#fields, false);
  }

  show(view: ViewId): void {
    this.#view = view;
    this.#rest();
    if (!this.isOpen(view)) void this.#open(view).then(() => this.#rest());
  }

  /** A page that nobody sees does not train. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#rest();
  }

  #rest(): void {
    this.session.engine?.rest(this.#hidden);
    this.session.setHidden(this.#hidden || this.#view !== 'displacement');
    for (const [view, state] of Object.entries(this.#opened)) state.setHidden?.(this.#hidden || this.#view !== view);
  }

  /** Follows a link on the open page. */
  async follow(hash: string): Promise<void> {
    const following = ++this.#followings;
    const { view, reader } = await openLink(hash);
    if (following !== this.#followings) return; // another link has overtaken this one
    const presentation = readPresentation(reader);
    this.#problems = [];
    const isFresh = await this.#open(view, reader);
    if (following !== this.#followings) return;
    this.presentation.change(presentation);
    try {
      this.presentation.stage(() => {
        if (view === 'displacement') this.session.restore(readDisplacement(reader));
        else if (hasLab(view) && !isFresh) this.#opened[view]?.restore(reader);
      });
      this.#view = view;
    } catch (error) {
      // The page stays as it is, and says so.
      this.#problems = [...this.#problems, { key: 'view', value: view, reason: `This link could not be followed: ${messageOf(error)}` }];
    }
    this.#rest();
    this.#problems = [...reader.finish(), ...this.#problems];
  }

  /** Opens a run of the map in the view of its toy, without noise on its start. Resolves with whether there is one. */
  async openRun(run: MapBase): Promise<boolean> {
    const { toy, objective, learningRate, steps } = run;
    if (toy === 'displacement') {
      const { train, scale, vectors } = run;
      this.session.change({ train, scale, vectors, objective, learningRate, steps });
      this.show('displacement');
      return true;
    }
    if (toy !== 'suffix') return false;
    const { suffix, afterChosen, afterRejected, first } = run;
    const settings = { suffix, afterChosen, afterRejected, first, objective, learningRate, steps, update: 'plain', masked: [] } as const;
    await this.#open('entanglement');
    this.lab('entanglement')?.change(settings);
    this.show('entanglement');
    return true;
  }

  /** Trains the toy with an objective of the catalogue, in the displacement view. */
  trainWith(id: string): void {
    this.session.choose({ name: id });
    this.show('displacement');
  }

  /** Opens the lesson of a view, at its first step. */
  teach(id: LessonId): void {
    this.show(id);
    this.presentation.change({ lesson: { id, step: 0 } });
  }

  dismissProblems(): void {
    this.#problems = [];
  }
}
