/** How the seeds of a cell share its square: beside each other, and one above the other. */
export function seedGrid(seeds: number): { across: number; down: number } {
  let down = Math.floor(Math.sqrt(seeds));
  while (seeds % down !== 0) down--;
  return { across: seeds / down, down };
}

/** The seed at a place within a cell, counted from its lower left corner: first to last as one reads. */
export const seedAt = (column: number, row: number, { across, down }: ReturnType<typeof seedGrid>): number =>
  (down - 1 - row) * across + column;
