import { doneWith, type Lesson, type LessonStep, needsOf } from '../../shell/teach/lesson.ts';
import type { Presentation } from '../../shell/teach/presentation.svelte.ts';

/** A lesson under way: its step, what the reader predicted, and whether the step is done. */
export class LessonPlayer {
  readonly #id: string;
  readonly lesson: Lesson<unknown>;
  readonly lab: unknown;
  readonly #presentation: Presentation;
  /** the option chosen at each step */
  #predictions = $state.raw<ReadonlyMap<number, number>>(new Map());

  readonly #index = $derived.by(() => Math.min(this.#presentation.state.lesson?.step ?? 0, this.lesson.steps.length - 1));
  readonly #step = $derived.by((): LessonStep<unknown> => {
    const step = this.lesson.steps[this.#index];
    if (!step) throw new Error(`The lesson "${this.#id}" has no steps.`);
    return step;
  });
  readonly #predicted = $derived(this.#predictions.get(this.#index) ?? null);
  readonly #outcome = $derived.by(() => (this.#predicted === null ? null : (this.#step.predict?.outcome(this.lab) ?? null)));
  readonly #done = $derived.by(() => (this.#step.predict ? this.#outcome !== null : (this.#step.done?.(this.lab) ?? true)));

  /** The lesson of the view `id`, on the view's lab. */
  constructor(id: string, lesson: Lesson<unknown>, lab: unknown, presentation: Presentation) {
    this.#id = id;
    this.lesson = lesson;
    this.lab = lab;
    this.#presentation = presentation;
  }

  get index(): number {
    return this.#index;
  }
  get step(): LessonStep<unknown> {
    return this.#step;
  }
  /** the option that the reader chose; null: none yet */
  get predicted(): number | null {
    return this.#predicted;
  }
  /** the option that the engine's numbers bear out, once the reader has chosen and they are there */
  get outcome(): number | null {
    return this.#outcome;
  }
  get done(): boolean {
    return this.#done;
  }

  /** Sets the stage of the present step. */
  begin(): void {
    if (this.#presentation.state.lesson?.id !== this.#id) return; // it has been left before it came
    this.#presentation.bringBack ??= this.lesson.aside(this.lab);
    this.#presentation.stage(() => this.#step.begin?.(this.lab));
    this.#look();
  }

  /** the link locks what the step is done with */
  get isLocked(): boolean {
    const { locked } = this.#presentation.state;
    // what waits for a guess is no lock of the link's
    return doneWith(this.lesson, this.#step).some((id) =>
      this.#presentation.holds(id) ? locked.includes(id) : this.#presentation.locks(id),
    );
  }

  /** the guess comes before the run */
  get isOpen(): boolean {
    return !this.#step.predict || this.#predicted !== null;
  }

  predict(option: number): void {
    this.#predictions = new Map(this.#predictions).set(this.#index, option);
    this.#look();
  }

  go(index: number): void {
    this.#predictions = new Map([...this.#predictions].filter(([step]) => step !== index));
    this.#presentation.change({ lesson: { id: this.#id, step: index } });
    this.begin();
  }

  close(): void {
    this.#presentation.change({ lesson: null });
    this.leave();
    this.lesson.rest?.(this.lab);
  }

  /** Nothing is pointed at, concealed, held or marked any more. */
  leave(): void {
    this.#presentation.point(null);
    this.#presentation.conceal([]);
    this.#presentation.hold([]);
    for (const { predict } of this.lesson.steps) predict?.mark?.(this.lab, null);
  }

  #look(): void {
    const { part = null, predict } = this.#step;
    this.#presentation.point(part, needsOf(this.#step));
    const { parts = [] } = this.lesson.transport ?? {};
    this.#presentation.conceal(this.isOpen ? parts : [...parts, ...(predict?.conceals ?? [])]);
    this.#presentation.hold(this.isOpen ? [] : parts);
    for (const step of this.lesson.steps) step.predict?.mark?.(this.lab, null);
    predict?.mark?.(this.lab, this.#predicted);
  }
}
