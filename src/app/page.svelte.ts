import { ClaimsLab } from './claims.svelte.ts';
import { readClaims, writeClaims } from './claims-link.ts';
import { readDisplacement, writeDisplacement } from './displacement-link.ts';
import { EntanglementLab } from './entanglement.svelte.ts';
import { readEntanglement, writeEntanglement } from './entanglement-link.ts';
import { type LinkFields, type LinkProblem, type ViewId, writeLink } from './link.ts';
import { readMap, writeMap } from './map-link.ts';
import type { MapBase } from './map-toys.ts';
import { ModesLab } from './modes.svelte.ts';
import { readModes, writeModes } from './modes-link.ts';
import { openLink } from './packed-link.ts';
import { PairsLab } from './pairs.svelte.ts';
import { readPairs, writePairs } from './pairs-link.ts';
import { PhaseMap } from './phase-map.svelte.ts';
import { type LessonId, Presentation, type PresentationState, readPresentation, writePresentation } from './presentation.svelte.ts';
import { type EngineChoice, Session } from './session.svelte.ts';
import { SimplexLab } from './simplex.svelte.ts';
import { readSimplex, writeSimplex } from './simplex-link.ts';

const nothing: LinkFields = { run: {}, look: {} };

/** The state of each view that trains. */
type Labs = Pick<Page, 'session' | 'entanglement' | 'modes' | 'map'>;

/** The whole page: which view is open, the state of each, and the link that holds it. */
export class Page {
  readonly session: Session;
  readonly entanglement: EntanglementLab;
  readonly modes: ModesLab;
  readonly pairs = new PairsLab();
  readonly claims = new ClaimsLab();
  readonly map: PhaseMap;
  readonly presentation = new Presentation();
  readonly simplex = new SimplexLab();
  #view = $state<ViewId>('displacement');
  #hidden = false;
  #followings = 0;
  #problems = $state.raw<readonly LinkProblem[]>([]);

  readonly #fields = $derived.by((): LinkFields => {
    switch (this.#view) {
      case 'displacement':
        return writeDisplacement(this.session.link);
      case 'entanglement':
        return writeEntanglement(this.entanglement.link);
      case 'map':
        return writeMap(this.map.state);
      case 'simplex':
        return writeSimplex(this.simplex.link);
      case 'modes':
        return writeModes(this.modes.link);
      case 'pairs':
        return writePairs(this.pairs.settings);
      case 'claims':
        return writeClaims(this.claims.link);
      default:
        return nothing;
    }
  });

  private constructor({ session, entanglement, modes, map }: Labs, view: ViewId) {
    this.session = session;
    this.entanglement = entanglement;
    this.modes = modes;
    this.map = map;
    this.#view = view;
    session.onEngine = () => {
      entanglement.changeEngine();
      map.changeEngine();
      this.#rest();
    };
    this.#rest();
  }

  /** Opens a link. What is wrong with it is kept for the reader in `problems`. */
  static async create({ hash, choice, calm }: { hash: string; choice: EngineChoice; calm: boolean }): Promise<Page> {
    const { view, reader } = await openLink(hash);
    const presentation = readPresentation(reader);
    const link = view === 'displacement' ? { link: readDisplacement(reader) } : {};
    const session = await Session.create({ choice, calm, ...link });
    const entanglement = new EntanglementLab(() => session.engine, {
      calm,
      ...(view === 'entanglement' ? { link: readEntanglement(reader) } : {}),
    });
    const map = new PhaseMap(() => session.engine, ...(view === 'map' ? [readMap(reader)] : []));
    const modes = new ModesLab({ calm });
    if (view === 'modes') modes.restore(readModes(reader));
    const page = new Page({ session, entanglement, modes, map }, view);
    if (view === 'pairs') page.pairs.change(readPairs(reader));
    page.presentation.change(presentation);
    if (view === 'simplex') page.simplex.restore(readSimplex(reader));
    if (view === 'claims') page.claims.restore(readClaims(reader));
    page.#problems = reader.finish();
    return page;
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
  }

  /** A page that nobody sees does not train. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#rest();
  }

  #rest(): void {
    this.session.engine?.rest(this.#hidden);
    this.session.setHidden(this.#hidden || this.#view !== 'displacement');
    this.entanglement.setHidden(this.#hidden || this.#view !== 'entanglement');
    if (this.#view === 'map' && !this.#hidden) this.map.begin();
    else this.map.pause();
  }

  /** Follows a link on the open page. */
  async follow(hash: string): Promise<void> {
    const following = ++this.#followings;
    const { view, reader } = await openLink(hash);
    if (following !== this.#followings) return; // another link has overtaken this one
    this.presentation.change(readPresentation(reader));
    this.#view = view;
    if (view === 'displacement') this.session.restore(readDisplacement(reader));
    else if (view === 'entanglement') this.entanglement.restore(readEntanglement(reader));
    else if (view === 'modes') this.modes.restore(readModes(reader));
    else if (view === 'pairs') this.pairs.change(readPairs(reader));
    else if (view === 'simplex') this.simplex.restore(readSimplex(reader));
    else if (view === 'map') this.map.restore(readMap(reader));
    else if (view === 'claims') this.claims.restore(readClaims(reader));
    this.#rest();
    this.#problems = reader.finish();
  }

  /** Opens a run of the map in the view of its toy, without noise on its start. Whether there is one. */
  openRun(run: MapBase): boolean {
    const { toy, objective, learningRate, steps } = run;
    if (toy === 'displacement') {
      const { train, scale, vectors } = run;
      this.session.change({ train, scale, vectors, objective, learningRate, steps });
    } else if (toy === 'suffix') {
      const { suffix, afterChosen, afterRejected, first } = run;
      const settings = { suffix, afterChosen, afterRejected, first, objective, learningRate, steps, update: 'plain', masked: [] } as const;
      this.entanglement.restore({ settings, step: null });
    } else return false;
    this.show(toy === 'suffix' ? 'entanglement' : 'displacement');
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
