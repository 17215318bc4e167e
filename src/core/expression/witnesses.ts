import { neededFor } from './needed.ts';
import type { Program } from './program.ts';

/** What a witness may be at most, in size. */
export const witnessBound = 1e30;
/** What may then come of them: far from overflowing. */
const resultBound = 1e200;

/**
 * Values of a program that tell of another one that it is a number, finite and below 1e200, without its being computed: it is where none
 * of them exceeds `witnessBound` in size, or is NaN. Values in `computed`, and what these are computed from, cost nothing. Null where
 * nothing is known.
 */
export function witnessesOf({ instructions }: Program, value: number, computed: readonly number[]): number[] | null {
  const known = neededFor(instructions, computed);
  const witnesses = new Set<number>();
  const witness = (index: number): number => {
    witnesses.add(index);
    return witnessBound;
  };
  const bounds = new Map<number, number>();
  /** how large a value is at most, from the witnesses on */
  const boundOf = (index: number): number => {
    const bound = bounds.get(index) ?? computeBound(index);
    bounds.set(index, bound);
    return bound;
  };
  const computeBound = (index: number): number => {
    const instruction = instructions[index];
    if (instruction?.kind === 'constant') return Math.abs(instruction.value);
    if (instruction?.kind !== 'call' || known.has(index)) return witness(index);
    const of = (place: number): number => boundOf(instruction.args[place] as number);
    switch (instruction.operator) {
      case 'neg':
      case 'abs':
      case 'relu':
      case 'detach':
        return of(0);
      case 'logsigmoid':
      case 'softplus':
        return of(0) + 1;
      case 'square':
        return of(0) ** 2;
      case 'add':
      case 'sub':
        return of(0) + of(1);
      case 'mul':
        return of(0) * of(1);
      default:
        return witness(index);
    }
  };
  return boundOf(value) < resultBound ? [...witnesses] : null;
}
