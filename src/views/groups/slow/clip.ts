import { findMethod, hasClip, type MethodId } from '../methods.ts';

/** Between which ratios a method's gradient goes on; `cap`: a larger ratio counts as the bound, and goes on. */
export interface Clip {
  readonly kind: 'clip' | 'cap' | 'none';
  readonly low: number;
  readonly high: number;
}

/** The clip of a method with these parameters, as a range of ratios. */
export function clipOf(id: MethodId, params: Readonly<Record<string, number | string>>): Clip {
  const { parameters } = findMethod(id).objective ?? { parameters: {} as Readonly<Record<string, { readonly default: number }>> };
  const value = (name: string): number => Number(params[name] ?? parameters[name]?.default ?? Number.NaN);
  const epsilon = value('epsilon');
  // ε_high is ε where nobody gives it
  const high = params['epsilonHigh'] === undefined || parameters['epsilonHigh'] === undefined ? epsilon : value('epsilonHigh');
  if (id === 'cispo') return { kind: 'cap', low: 0, high: value('epsilonHigh') };
  if (id === 'gmpo') return { kind: 'clip', low: Math.exp(-epsilon), high: Math.exp(high) };
  if (hasClip(id)) return { kind: 'clip', low: 1 - epsilon, high: 1 + high };
  return { kind: 'none', low: 0, high: Number.POSITIVE_INFINITY };
}

/** The side on which an answer is clipped, as TRL counts it; null: it is not. */
export function clippedSide(clip: Clip, ratio: number, advantage: number): 'low' | 'high' | null {
  if (clip.kind === 'cap') return ratio > clip.high && advantage > 0 ? 'high' : null;
  if (advantage > 0 && ratio > clip.high) return 'high';
  return advantage < 0 && ratio < clip.low ? 'low' : null;
}
