/** Tasks that share one engine, one after the other: no two calls overlap. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task when all before it have ended, well or badly. */
  take<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task, task);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
