/** What a reader looks at: nothing that trains. */
export class Look {
  /** the shares of all answers, or the two that the loss reads */
  lens = $state<'says' | 'sees'>('says');
  /** the lens has been switched once: nothing needs to point at it any more */
  hasSwitched = $state(false);
  /** the cause, a sheet on a phone, is open */
  sheet = $state(false);

  show(lens: 'says' | 'sees'): void {
    this.lens = lens;
    this.hasSwitched = true;
  }
}
