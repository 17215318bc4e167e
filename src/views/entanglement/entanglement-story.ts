import type { MoveCase } from '../../atlas/toys/entanglement/entanglement-geometry.ts';
import { word } from '../../core/word.ts';
import { fixed } from '../../shell/controls/format.ts';
import type { Phrase } from '../../shell/controls/phrase.ts';

/** The case in a few words. */
export const caseTitles: Readonly<Record<MoveCase, string>> = {
  ideal: 'Ideal: the chosen answer rises, the rejected one falls',
  'both-down': 'Both answers fall',
  'both-up': 'Both answers rise',
  reversed: 'Reversed: the chosen answer falls, the rejected one rises',
  still: 'Nothing moves',
};

/** What the sign of the inner product means, for a reader who has never met one. */
export function angleSentence(cosine: number): string {
  if (!Number.isFinite(cosine)) return 'One of the gradients has vanished: there is no angle.';
  const value = fixed(cosine, 2);
  // the page's own: 60 and 89 degrees
  if (cosine > 0.5) return `The gradients point much the same way (cosine ${value}): a small step along either raises both answers.`;
  if (cosine > 0.02) return `The gradients lean the same way (cosine ${value}): a small step along either raises the other answer, too.`;
  if (cosine >= -0.02)
    return `The gradients are all but at right angles (cosine ${value}): unless one is far longer, a small step along either hardly moves the other answer.`;
  return `The gradients point apart (cosine ${value}): a small step along either lowers the other answer, as a loss of the margin wants.`;
}

/** What the story needs to know of the state shown. */
export interface EntanglementMoment {
  readonly step: number;
  readonly case: MoveCase;
  /** changes since the start, in nats */
  readonly chosen: number;
  readonly rejected: number;
}

const direction = (change: number): string => (change < 0 ? word('lower') : word('higher'));

/** What the run did so far, and what a small step does from here. */
export function tellEntanglement({ step, case: move, chosen, rejected }: EntanglementMoment): Record<'past' | 'next', Phrase[]> {
  const next: Record<MoveCase, Phrase[]> = {
    ideal: [
      { text: 'A small step now raises ' },
      { text: 'the chosen answer', role: 'chosen' },
      { text: ' and lowers ' },
      { text: 'the rejected one', role: 'rejected' },
      { text: '.' },
    ],
    'both-down': [
      { text: 'A small step now lowers both: ' },
      { text: 'the chosen answer', role: 'chosen' },
      { text: ' goes down with ' },
      { text: 'the rejected one', role: 'rejected' },
      { text: '.' },
    ],
    'both-up': [
      { text: 'A small step now raises both: ' },
      { text: 'the rejected answer', role: 'rejected' },
      { text: ' goes up with ' },
      { text: 'the chosen one', role: 'chosen' },
      { text: '.' },
    ],
    reversed: [
      { text: 'A small step now goes backwards: it lowers ' },
      { text: 'the chosen answer', role: 'chosen' },
      { text: ' and raises ' },
      { text: 'the rejected one', role: 'rejected' },
      { text: '.' },
    ],
    still: [{ text: 'Here the objective pushes nothing: neither answer moves.' }],
  };
  if (step === 0) return { past: [{ text: 'Nothing is trained yet.' }], next: next[move] };
  const past: Phrase[] = [
    { text: `After ${step} ${step === 1 ? 'update' : 'updates'} ` },
    { text: 'the chosen answer', role: 'chosen' },
    { text: ` is ${fixed(Math.abs(chosen), 2)} nats ${direction(chosen)} than at the start, ` },
    { text: 'the rejected one', role: 'rejected' },
    { text: ` ${fixed(Math.abs(rejected), 2)} ${direction(rejected)}.` },
  ];
  return { past, next: next[move] };
}
