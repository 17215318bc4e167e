/** What decides a generated set of preference pairs, and the policy that is to learn them. */
export interface PairSetSettings {
  readonly seed: number;
  /** pairs */
  readonly count: number;
  /** expected cosine of two hidden vectors, 0 to below 1: the part of them that all share */
  readonly common: number;
  /** which response of a pair is preferred: the one that the policy finds likelier at the start, or one drawn at random */
  readonly prefers: 'likelier' | 'random';
}

export const defaultPairSet: PairSetSettings = { seed: 1, count: 200, common: 0.8, prefers: 'likelier' };
