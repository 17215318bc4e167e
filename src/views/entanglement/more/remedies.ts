import { sharedSuffix } from '../../../atlas/toys/entanglement/shared-suffix.ts';
import type { EngineCalls } from '../../../shell/engine/page-engine.ts';
import { allPlaces, changeSuffix, type SuffixSettings } from '../entanglement-settings.ts';

/** What a run with or without remedies did to the two answers: changes of their log-probs, in nats. */
export interface RemedyEffect {
  readonly title: string;
  readonly settings: SuffixSettings;
  readonly first: { readonly chosen: number; readonly rejected: number };
  readonly run: { readonly chosen: number; readonly rejected: number };
}

/** The present pair and objective without remedies, with either, and with both, from update 0 on; each update at its own step size. */
export function remedyRuns(settings: SuffixSettings): { title: string; settings: SuffixSettings }[] {
  const without = changeSuffix(settings, { update: 'plain', masked: [], past: [] });
  const mask = { masked: allPlaces(settings.suffix) };
  return [
    { title: 'no remedy', settings: without },
    { title: 'normalised update', settings: changeSuffix(without, { update: 'normalised' }) },
    { title: 'shared tokens masked', settings: changeSuffix(without, mask) },
    { title: 'both', settings: changeSuffix(without, { update: 'normalised', ...mask }) },
  ];
}

/** Trains each of them on the engine. */
export async function measureRemedies(engine: Pick<EngineCalls, 'train'>, settings: SuffixSettings): Promise<RemedyEffect[]> {
  const effects: RemedyEffect[] = [];
  for (const remedy of remedyRuns(settings)) {
    const { steps } = await engine.train({ ...sharedSuffix(remedy.settings), record: [0, 1, remedy.settings.steps] });
    const change = (to: number) => {
      const [before, after] = [steps[0], steps.at(to)];
      const of = (side: 'chosenLogps' | 'rejectedLogps') => (after?.[side][0] ?? Number.NaN) - (before?.[side][0] ?? Number.NaN);
      return { chosen: of('chosenLogps'), rejected: of('rejectedLogps') };
    };
    effects.push({ ...remedy, first: change(1), run: change(-1) });
  }
  return effects;
}
