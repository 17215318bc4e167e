import { type PresentationState, partsOf } from '../../shell/teach/presentation.svelte.ts';
import type { AnyView } from '../../shell/view.ts';

/** What a class sees at first: the lesson, the picture alone, or all of it. */
export type ClassPreset = 'lesson' | 'picture' | 'everything';

type Shown = Pick<PresentationState, 'hidden' | 'locked' | 'lesson'>;

/** The presets that a view has. */
export const presetsOf = ({ lesson, picture }: Pick<AnyView, 'lesson' | 'picture'>): ClassPreset[] => [
  ...(lesson ? ['lesson' as const] : []),
  ...(picture ? ['picture' as const] : []),
  'everything',
];

/** What a preset hides, locks and opens. A lesson has no head as long as it lasts. */
export function presetState(view: Pick<AnyView, 'id' | 'parts' | 'picture'>, preset: ClassPreset): Shown {
  if (preset === 'lesson') return { hidden: ['tabs'], locked: [], lesson: { id: view.id, step: 0 } };
  const { picture = [] } = view;
  const hidden =
    preset === 'picture'
      ? partsOf(view)
          .map(({ id }) => id)
          .filter((id) => !picture.includes(id))
      : [];
  return { hidden, locked: [], lesson: null };
}
