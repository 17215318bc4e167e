import type { Direction } from './descents.ts';

/** Both directions of KL, as they are called and drawn: methods are ink and grey, told apart by their dashes. */
export const sides = [
  {
    id: 'forward',
    title: 'Forward KL',
    label: 'forward',
    tex: String.raw`\mathrm{KL}(q\,\|\,\pi)`,
    plain: 'KL(q ‖ π)',
    words: 'maximum likelihood on samples of q',
    colour: 'var(--other)',
    dash: '8 5',
  },
  {
    id: 'reverse',
    title: 'Reverse KL',
    label: 'reverse',
    tex: String.raw`\mathrm{KL}(\pi\,\|\,q)`,
    plain: 'KL(π ‖ q)',
    words: 'policy gradient with a KL penalty',
    colour: 'var(--ink)',
    dash: undefined,
  },
] as const satisfies readonly { id: Direction; [key: string]: unknown }[];
