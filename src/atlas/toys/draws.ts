import { sigmoid } from '../../core/numerics.ts';
import { RandomStream, streams } from '../../core/rng.ts';
import { softmax } from '../../core/softmax.ts';

/** Draws that the toys of studies are made of. */
export class Draws extends RandomStream {
  /** `stream` keeps a study's draws apart from those of the runs, and from each other */
  constructor(seed: number, stream = 0) {
    super(seed, streams.toys + 16 * (stream + 1));
  }

  normals(count: number, scale = 1): number[] {
    return Array.from({ length: count }, () => scale * this.normal());
  }

  /** [rows][columns] */
  normalRows(rows: number, columns: number, scale = 1): number[][] {
    return Array.from({ length: rows }, () => this.normals(columns, scale));
  }

  /** 1 with this probability, else 0 */
  coin(probability = 0.5): 0 | 1 {
    return this.uniform() < probability ? 1 : 0;
  }

  coins(count: number, probability = 0.5): (0 | 1)[] {
    return Array.from({ length: count }, () => this.coin(probability));
  }

  /** standard Gumbel: the largest of utility plus such noise is a draw from Plackett and Luce's model */
  gumbel(): number {
    return -Math.log(-Math.log((this.word() + 0.5) * 2 ** -32));
  }

  fromLogits(logits: ArrayLike<number>): number {
    return this.categorical(softmax(logits));
  }

  /** two different outcomes; with logits, the second of what is left */
  two(count: number, logits?: readonly number[]): [number, number] {
    const weights = logits ? softmax(logits) : new Array<number>(count).fill(1);
    const first = this.categorical(weights);
    weights[first] = 0;
    return [first, this.categorical(weights)];
  }

  /** whether a Bradley–Terry judge prefers what is better by `gap` */
  prefers(gap: number): boolean {
    return this.uniform() < sigmoid(gap);
  }

  /** another number below `count` than this one */
  other(than: number, count: number): number {
    return (than + 1 + this.below(count - 1)) % count;
  }
}
