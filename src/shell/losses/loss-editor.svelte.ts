import { ExpressionError } from '../../core/errors.ts';
import { messageOf } from '../../core/message-of.ts';
import { checkStart } from './loss-start.ts';
import type { ObjectiveView, PageChoice, PairState } from './objective-view.ts';
import { viewObjective } from './objective-view.ts';
import { asTyped, longLoss } from './short-loss.ts';

/** What is wrong with the line, and where: columns `from` to `to`, counted from 1. */
export interface LineProblem {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** An assignment, a module's function, an attribute or a comment: what pasted Python has, and mathematics has not. */
const looksPython = /(^|[^<>=!])=([^=]|$)|[A-Za-z_)]\.[A-Za-z]|#/;

/**
 * The line of mathematics under the formula. While it cannot be read, or not trained from the start, the last line that could keeps
 * training; parameters keep their values from line to line by name.
 */
export class LossEditor {
  readonly #objective: () => ObjectiveView;
  readonly #onchange: (choice: PageChoice) => void;
  readonly #start: () => PairState | null;
  /** what the reader is typing; null: what trains */
  #draft = $state<string | null>(null);
  #problem = $state.raw<LineProblem | null>(null);

  /** `start` is the pair where training starts, where that is known. */
  constructor(objective: () => ObjectiveView, onchange: (choice: PageChoice) => void, start: () => PairState | null = () => null) {
    this.#objective = objective;
    this.#onchange = onchange;
    this.#start = start;
  }

  get text(): string {
    return this.#draft ?? this.#objective().text;
  }
  get problem(): LineProblem | null {
    return this.#problem;
  }

  type(line: string): void {
    this.#draft = line;
    if (!looksPython.test(line)) this.#read(line, longLoss);
    else
      import('../../objectives/read-python.ts').then(
        ({ readPython }) => {
          if (this.#draft === line) this.#read(line, readPython);
        },
        (error: unknown) => {
          this.#problem = { from: 1, to: line.length, message: messageOf(error) };
        },
      );
  }

  #read(line: string, read: (line: string) => string): void {
    let text = line;
    const whole = { from: 1, to: Math.max(1, line.length) };
    const known = new Map(this.#objective().parameters.map(({ name, value }) => [name, value]));
    try {
      text = read(line);
      const { parameters } = viewObjective({ expression: text });
      const params = Object.fromEntries(parameters.map(({ name, value }) => [name, known.get(name) ?? value]));
      const choice = { expression: text, params };
      checkStart(choice, this.#start());
      this.#problem = null;
      this.#onchange(choice);
    } catch (error) {
      this.#problem =
        error instanceof ExpressionError
          ? text === line
            ? { from: error.from, to: error.to, message: error.problem }
            : { ...whole, message: asTyped(line, error.problem) } // its columns are those of the line in the language of losses
          : { ...whole, message: messageOf(error) };
    }
  }

  /** Back to what trains. */
  forget(): void {
    this.#draft = null;
    this.#problem = null;
  }
}
