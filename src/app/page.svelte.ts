import { ClaimsLab } from './claims.svelte.ts';
import { readClaims, writeClaims } from './claims-link.ts';
import { readDisplacement, writeDisplacement } from './displacement-link.ts';
import { EntanglementLab } from './entanglement.svelte.ts';
import { readEntanglement, writeEntanglement } from './entanglement-link.ts';
import { type LinkFields, type LinkProblem, readLink, type ViewId, writeLink } from './link.ts';
import { readMap, writeMap } from './map-link.ts';
import { ModesLab } from './modes.svelte.ts';
import { readModes, writeModes } from './modes-link.ts';
import { PairsLab } from './pairs.svelte.ts';
import { PhaseMap } from './phase-map.svelte.ts';
import { type EngineChoice, Session } from './session.svelte.ts';
import type { ToySettings } from './settings.ts';

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
  #view = $state<ViewId>('displacement');
  #hidden = false;
  #problems = $state.raw<readonly LinkProblem[]>([]);

  readonly #fields = $derived.by((): LinkFields => {
    switch (this.#view) {
      case 'displacement':
        return writeDisplacement(this.session.link);
      case 'entanglement':
        return writeEntanglement(this.entanglement.link);
      case 'map':
        return writeMap(this.map.state);
      case 'modes':
        return writeModes(this.modes.link);
      case 'claims':
        return writeClaims(this.claims.link);
      default:
        return nothing;
    }
  });

  private constructor({ session, entanglement, modes, map }: Labs, view: ViewId, problems: readonly LinkProblem[]) {
    this.session = session;
    this.entanglement = entanglement;
    this.modes = modes;
    this.map = map;
    this.#view = view;
    this.#problems = problems;
    session.onEngine = () => {
      entanglement.changeEngine();
      map.changeEngine();
      this.#rest();
    };
    this.#rest();
  }

  /** Opens a link. What is wrong with it is kept for the reader in `problems`. */
  static async create({ hash, choice, calm }: { hash: string; choice: EngineChoice; calm: boolean }): Promise<Page> {
    const { view, reader } = readLink(hash);
    const link = view === 'displacement' ? { link: readDisplacement(reader) } : {};
    const session = await Session.create({ choice, calm, ...link });
    const entanglement = new EntanglementLab(() => session.engine, {
      calm,
      ...(view === 'entanglement' ? { link: readEntanglement(reader) } : {}),
    });
    const map = new PhaseMap(session, ...(view === 'map' ? [readMap(reader)] : []));
    const modes = new ModesLab({ calm });
    if (view === 'modes') modes.restore(readModes(reader));
    const page = new Page({ session, entanglement, modes, map }, view, []);
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

  #rest(): void {
    this.session.setHidden(this.#hidden || this.#view !== 'displacement');
    this.entanglement.setHidden(this.#hidden || this.#view !== 'entanglement');
    if (this.#view === 'map' && !this.#hidden) this.map.begin();
    else this.map.cancel();
  }

  /** Follows a link on the open page. */
  follow(hash: string): void {
    const { view, reader } = readLink(hash);
    this.#view = view;
    if (view === 'displacement') this.session.restore(readDisplacement(reader));
    else if (view === 'entanglement') this.entanglement.restore(readEntanglement(reader));
    else if (view === 'modes') this.modes.restore(readModes(reader));
    else if (view === 'map') this.map.restore(readMap(reader));
    else if (view === 'claims') this.claims.restore(readClaims(reader));
    this.#rest();
    this.#problems = reader.finish();
  }

  /** Opens a run of the map in the displacement view. */
  openRun(settings: ToySettings): void {
    this.session.change(settings);
    this.show('displacement');
  }

  /** Trains the toy with an objective of the catalogue, in the displacement view. */
  trainWith(id: string): void {
    this.session.choose({ name: id });
    this.show('displacement');
  }

  dismissProblems(): void {
    this.#problems = [];
  }
}
