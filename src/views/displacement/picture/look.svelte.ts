import type { Lens } from './lens/lenses.ts';

/** What a reader looks at: nothing that trains. */
export class Look {
  lens = $state<Lens>('says');
  /** the lens has been switched once: nothing needs to point at it any more */
  hasSwitched = $state(false);
  /** a drag of the rejected answer has kept the chosen one up: no cue is needed any more */
  hasKept = $state(false);
  /** the cause, a sheet on a phone, is open */
  sheet = $state(false);

  show(lens: Lens): void {
    this.lens = lens;
    this.hasSwitched = true;
  }
}
