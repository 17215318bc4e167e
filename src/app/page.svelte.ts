import { readDisplacement, writeDisplacement } from './displacement-link.ts';
import { type LinkFields, type LinkProblem, readLink, type ViewId, writeLink } from './link.ts';
import { ModesLab } from './modes.svelte.ts';
import { readModes, writeModes } from './modes-link.ts';
import { PairsLab } from './pairs.svelte.ts';
import { type EngineChoice, Session } from './session.svelte.ts';

const nothing: LinkFields = { run: {}, look: {} };

/** The whole page: which view is open, the state of each, and the link that holds it. */
export class Page {
  readonly session: Session;
  readonly modes: ModesLab;
  readonly pairs = new PairsLab();
  #view = $state<ViewId>('displacement');
  #hidden = false;
  #problems = $state.raw<readonly LinkProblem[]>([]);

  readonly #fields = $derived.by((): LinkFields => {
    switch (this.#view) {
      case 'displacement':
        return writeDisplacement(this.session.link);
      case 'modes':
        return writeModes(this.modes.link);
      default:
        return nothing;
    }
  });

  private constructor(session: Session, modes: ModesLab, view: ViewId, problems: readonly LinkProblem[]) {
    this.session = session;
    this.modes = modes;
    this.#view = view;
    this.#problems = problems;
    this.#rest();
  }

  /** Opens a link. What is wrong with it is kept for the reader in `problems`. */
  static async create({ hash, choice, calm }: { hash: string; choice: EngineChoice; calm: boolean }): Promise<Page> {
    const { view, reader } = readLink(hash);
    const link = view === 'displacement' ? { link: readDisplacement(reader) } : {};
    const session = await Session.create({ choice, calm, ...link });
    const modes = new ModesLab({ calm });
    if (view === 'modes') modes.restore(readModes(reader));
    return new Page(session, modes, view, reader.finish());
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
  }

  /** Follows a link on the open page. */
  follow(hash: string): void {
    const { view, reader } = readLink(hash);
    this.#view = view;
    if (view === 'displacement') this.session.restore(readDisplacement(reader));
    if (view === 'modes') this.modes.restore(readModes(reader));
    this.#rest();
    this.#problems = reader.finish();
  }

  dismissProblems(): void {
    this.#problems = [];
  }
}
