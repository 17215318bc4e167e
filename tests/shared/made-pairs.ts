import { randomStream } from './random-expressions.ts';

/** A word of its own for every rank, of the letters, marks and scripts that files of pairs hold. */
function wordOf(rank: number): string {
  if (rank < 4) return [',', 'the', '.', 'to'][rank] ?? '';
  const letters = [...'etaoinsrhdlucmfywgpbvkxqjz'];
  const text = [rank % 26, Math.floor(rank / 26) % 26, Math.floor(rank / 676)].map((digit) => letters[digit]).join('');
  if (rank % 97 === 0) return String.fromCodePoint(0x4e00 + rank); // Han: one character is a word
  if (rank % 41 === 0) return `${text}é`;
  if (rank % 29 === 0) return `${text}’s`;
  return text;
}

/**
 * Made-up preference pairs as JSONL, the same on every machine, in the proportions that were counted in 200 pairs of public dialogues:
 * prompts of 7 to some 1000 words, responses of 1 to some 850. By default 840 kB with 8,900 different words in the responses, of which
 * the 255 most frequent are 59 % of the text (Zipf's law, shifted by one rank).
 */
export function madePairsJsonl(count = 200): string {
  const random = randomStream(20_260_000);
  const ranks = 9500;
  // Cumulated weights 1 / (rank + 2), drawn from by bisection.
  const sums = new Float64Array(ranks);
  for (let rank = 0; rank < ranks; rank++) sums[rank] = (sums[rank - 1] ?? 0) + 1 / (rank + 2);
  const draw = (): string => {
    const at = random() * (sums[ranks - 1] ?? 0);
    let [low, high] = [0, ranks - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return wordOf(low);
  };
  const text = (least: number, most: number): string => {
    const length = least + Math.floor((most - least + 1) * random() ** 1.5);
    return Array.from({ length }, (_, i) => (i > 0 && random() < 0.02 ? '\n' : i > 0 ? ' ' : '') + draw()).join('');
  };
  return Array.from({ length: count }, () => JSON.stringify({ prompt: text(7, 1000), chosen: text(1, 821), rejected: text(1, 848) })).join(
    '\n',
  );
}
