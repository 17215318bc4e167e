import { readDisplacement, writeDisplacement } from './displacement-link.ts';
import { type LinkFields, type LinkProblem, readLink, type ViewId, writeLink } from './link.ts';
import { readMap, writeMap } from './map-link.ts';
import { PairsLab } from './pairs.svelte.ts';
import { PhaseMap } from './phase-map.svelte.ts';
import { type EngineChoice, Session } from './session.svelte.ts';
import type { ToySettings } from './settings.ts';

const nothing: LinkFields = { run: {}, look: {} };

/** The whole page: which view is open, the state of each, and the link that holds it. */
export class Page {
  readonly session: Session;
  readonly pairs = new PairsLab();
  readonly map: PhaseMap;
  #view = $state<ViewId>('displacement');
  #hidden = false;
  #problems = $state.raw<readonly LinkProblem[]>([]);

  readonly #fields = $derived.by((): LinkFields => {
    switch (this.#view) {
      case 'displacement':
        return writeDisplacement(this.session.link);
      case 'map':
        return writeMap(this.map.state);
      default:
        return nothing;
    }
  });

  private constructor(session: Session, map: PhaseMap, view: ViewId, problems: readonly LinkProblem[]) {
    this.session = session;
    this.map = map;
    this.#view = view;
    this.#problems = problems;
    this.#rest();
  }

  /** Opens a link. What is wrong with it is kept for the reader in `problems`. */
  static async create({ hash, choice, calm }: { hash: string; choice: EngineChoice; calm: boolean }): Promise<Page> {
    const { view, reader } = readLink(hash);
    const link = view === 'displacement' ? { link: readDisplacement(reader) } : {};
    const session = await Session.create({ choice, calm, ...link });
    const map = new PhaseMap(session, ...(view === 'map' ? [readMap(reader)] : []));
    return new Page(session, map, view, reader.finish());
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
    return writeLink(this.#view, this.#fields);
  }
  /** the same without what is merely looked at: a new one is a new entry in the browser's history */
  get runHash(): string {
    return writeLink(this.#view, this.#fields, false);
  }

  show(view: ViewId): void {
    this.#view = view;
    this.#rest();
  }

  /** A page that nobody sees does not train. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#rest();
  }

  /** Work that waited for an engine begins. */
  engineOpened(): void {
    this.#rest();
  }

  #rest(): void {
    this.session.setHidden(this.#hidden || this.#view !== 'displacement');
    if (this.#view === 'map' && !this.#hidden) this.map.begin();
    else this.map.cancel();
  }

  /** Follows a link on the open page. */
  follow(hash: string): void {
    const { view, reader } = readLink(hash);
    this.#view = view;
    if (view === 'displacement') this.session.restore(readDisplacement(reader));
    if (view === 'map') this.map.restore(readMap(reader));
    this.#rest();
    this.#problems = reader.finish();
  }

  /** Opens a run of the map in the displacement view. */
  openRun(settings: ToySettings): void {
    this.session.change(settings);
    this.show('displacement');
  }

  dismissProblems(): void {
    this.#problems = [];
  }
}
