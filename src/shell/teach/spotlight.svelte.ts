import type { FormulaPart } from '../../atlas/toys/displacement/theorem-terms.ts';

/** What the reader points at, a token or a part of a formula: lit up in every panel of the view. */
export class Spotlight {
  #kept = $state<number | null>(null);
  #pointed = $state<number | null>(null);
  #part = $state.raw<FormulaPart | null>(null);

  /** the token that stays selected */
  get kept(): number | null {
    return this.#kept;
  }
  /** the token to light up */
  get token(): number | null {
    return this.#pointed ?? this.#kept;
  }
  get part(): FormulaPart | null {
    return this.#part;
  }

  keep(token: number | null): void {
    this.#kept = token;
  }
  /** Selects a token, or lets go of it. */
  toggle(token: number): void {
    this.#kept = this.#kept === token ? null : token;
  }
  /** Lights a token up until the pointer or the focus leaves it (null). */
  point(token: number | null): void {
    this.#pointed = token;
  }
  pointPart(part: FormulaPart | null): void {
    this.#part = part;
  }
  /** A token that is pointed at, selected, or in the part that is pointed at. */
  lights(token: number): boolean {
    return this.token === token || this.#part?.tokens.includes(token) === true;
  }
}
