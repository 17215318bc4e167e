import { ExpressionError } from '../../core/errors.ts';
import { messageOf } from '../../core/message-of.ts';
import { fetchGroupLosses, lacksGroupLosses } from './group-losses.ts';
import { checkStart } from './loss-start.ts';
import type { ObjectiveView, PageChoice, PairState } from './objective-view.ts';
import { viewLine } from './objective-view.ts';
import { asTyped, longLoss } from './short-loss.ts';

/** What is wrong with the line, and where: columns `from` to `to`, counted from 1. */
export interface LineProblem {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** An assignment, a module's function, an attribute or a comment: what pasted Python has, and mathematics has not. */
const looksPython = /(^|[^<>=!])=([^=]|$)|[A-Za-z_)]\.[A-Za-z]|#/;

/** Whether a line ended in the middle of a name or a number that `now` goes on with. */
function isCut(line: string, now: string): boolean {
  let at = 0;
  while (at < line.length && line[at] === now[at]) at++;
  return /^\w\w/.test(now.slice(at - 1, at + 1));
}

/**
 * The line of mathematics under the formula. While it cannot be read, or not trained from the start, the last line that could keeps
 * training, but for one that only ended in the middle of a word, such as the `ma` of a `max(` that is not closed yet; parameters keep their
 * values from line to line by name.
 */
export class LossEditor {
  readonly #objective: () => ObjectiveView;
  readonly #onchange: (choice: PageChoice, kind: string) => void;
  /** counts visits of the reader to the line: what is typed in one is undone together, and compared with what was before it */
  #visit = 0;
  readonly #start: () => PairState | null;
  readonly takesGroups: boolean;
  /** what trained before this visit, as an empty line, and the lines of this visit that could be trained, with what they are */
  #good: { readonly line: string; readonly choice: PageChoice }[] = [];
  /** what the reader is typing; null: what trains */
  #draft = $state<string | null>(null);
  #problem = $state.raw<LineProblem | null>(null);

  /**
   * `onchange` is told what kind of change it is, for undo. `start` is the pair where training starts, where that is known; `takesGroups`: a
   * line of groups trains, too.
   */
  constructor(
    objective: () => ObjectiveView,
    onchange: (choice: PageChoice, kind: string) => void,
    start: () => PairState | null = () => null,
    takesGroups = false,
  ) {
    this.#objective = objective;
    this.#onchange = onchange;
    this.#start = start;
    this.takesGroups = takesGroups;
  }

  get text(): string {
    return this.#draft ?? this.#objective().text;
  }
  get problem(): LineProblem | null {
    return this.#problem;
  }

  /** The reader comes to the line. */
  visit(): void {
    this.#visit = performance.now();
    this.#good = [];
  }
  /** what all changes of one visit are called */
  get kind(): string {
    return `gesture line ${this.#visit}`;
  }

  type(line: string): void {
    this.#draft = line;
    if (!looksPython.test(line)) this.#take(line, longLoss);
    else
      import('../../objectives/text/read-python.ts').then(
        ({ readPython }) => {
          if (this.#draft === line) this.#take(line, readPython);
        },
        (error: unknown) => {
          this.#problem = { from: 1, to: line.length, message: messageOf(error) };
        },
      );
  }

  #take(line: string, read: (line: string) => string): void {
    let text: string;
    try {
      text = read(line);
    } catch (error) {
      this.#refuse(line, line, error);
      return;
    }
    if (this.takesGroups && lacksGroupLosses(text))
      // read again when what reads it is there, unless the reader has typed on; without it the line is refused
      void fetchGroupLosses()
        .catch(() => {})
        .then(() => this.#draft === line && this.#read(line, text));
    else this.#read(line, text);
  }

  #read(line: string, text: string): void {
    const known = new Map(this.#objective().parameters.map(({ name, value }) => [name, value]));
    try {
      const { parameters } = viewLine(text, this.takesGroups);
      const params = Object.fromEntries(parameters.map(({ name, value }) => [name, known.get(name) ?? value]));
      const choice = { expression: text, params };
      checkStart(choice, this.#start());
      this.#problem = null;
      if (this.#good.length === 0) this.#good.push({ line: '', choice: this.#objective().choice });
      this.#good.push({ line, choice });
      this.#onchange(choice, this.kind);
    } catch (error) {
      this.#refuse(line, text, error);
    }
  }

  #refuse(line: string, text: string, error: unknown): void {
    const last = this.#good.findLastIndex((each) => !isCut(each.line, line));
    const [cut] = this.#good.splice(last + 1);
    const whole = this.#good[last];
    if (cut && whole) this.#onchange(whole.choice, this.kind);
    const everything = { from: 1, to: Math.max(1, line.length) };
    this.#problem =
      error instanceof ExpressionError
        ? text === line
          ? { from: error.from, to: error.to, message: error.problem }
          : { ...everything, message: asTyped(line, error.problem) } // its columns are those of the line in the language of losses
        : { ...everything, message: messageOf(error) };
  }

  /** Back to what trains. */
  forget(): void {
    this.#draft = null;
    this.#problem = null;
  }
}
