import type { Instruction } from './program.ts';

/** The values that `indices` are computed from, with themselves. */
export function neededFor(instructions: readonly Instruction[], indices: Iterable<number>): Set<number> {
  const needed = new Set<number>();
  const visit = (index: number): void => {
    if (needed.has(index)) return;
    needed.add(index);
    const instruction = instructions[index];
    if (instruction?.kind === 'call') for (const arg of instruction.args) visit(arg);
  };
  for (const index of indices) visit(index);
  return needed;
}
