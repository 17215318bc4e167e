import { assertFinite, assertObject, assertPositive, show } from '../../core/assertions.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { ObjectiveChoice } from '../../core/experiment.ts';
import { type Expression, match } from '../../core/expression/expression.ts';
import type { OnPolicyKind, OnPolicyLoss, OnPolicyMethod } from '../../core/on-policy.ts';
import type { CompiledObjective } from '../../objectives/compile.ts';
import { findGroupObjective } from '../../objectives/group-catalogue.ts';
import type { CompiledGroupObjective } from '../../objectives/group-compile.ts';
import { type GroupLoss, groupInputsOf } from '../../objectives/group-loss.ts';
import { compileLoss, resolveLoss } from '../../objectives/loss-spec.ts';

type Kinds = { readonly [K in OnPolicyKind['kind']]: (method: Extract<OnPolicyKind, { kind: K }>) => OnPolicyLoss };

const baselines = { mean: 'reinforce', minimum: 'reinforce_minimum', none: 'reinforce_no_baseline' } as const;

const positive = (name: string, value: number): number => {
  assertPositive(`method.${name}`, value);
  return value;
};

/** What each short name stands for. */
const kinds: Kinds = {
  reinforce: ({ baseline = 'mean' }) => ({ objective: { name: baselines[baseline] } }),
  ppo: ({ clip = 0.2 }) => ({ objective: { name: 'ppo', params: { epsilon: positive('clip', clip) } } }),
  dpo: ({ beta = 1, threshold = 0 }) => ({ objective: { name: 'dpo', params: { beta: positive('beta', beta) } }, pairs: { threshold } }),
  ipo: ({ target = 10, threshold = 0 }) => ({
    objective: { name: 'ipo_sum', params: { beta: 1 / (2 * positive('target', target)) } },
    pairs: { threshold },
  }),
  'best-of-n': () => ({ objective: { name: 'best_of_n' } }),
  rwr: ({ temperature = 1 }) => ({ objective: { name: 'rwr', params: { T: positive('temperature', temperature) } } }),
  group: ({ objective }) => ({ objective }),
};

/** The loss on samples, made ready for both engines. */
export type CompiledOnPolicyLoss =
  /**
   * `bestAlone`: no other response of a group gets a slope, and they may be left out. `mixtureCoef`: the exponent of the reference in the
   * law of the opponents that the loss tells apart; null where it does not
   */
  | { over: 'groups'; objective: CompiledGroupObjective; bestAlone: boolean; mixtureCoef: number | null }
  | { over: 'pairs'; objective: CompiledObjective; threshold: number };

/** A method in its longer form, with the loss that a short name stands for. Throws an ExperimentError where there is no such name. */
export function spelt(method: OnPolicyMethod): OnPolicyLoss {
  if (!('kind' in method)) return method;
  const spell = Object.hasOwn(kinds, method.kind) ? (kinds[method.kind] as (of: OnPolicyKind) => OnPolicyLoss) : null;
  if (spell) return spell(method);
  const names = Object.keys(kinds).map((kind) => `'${kind}'`);
  throw new ExperimentError(
    'method.kind',
    `must be ${names.slice(0, -1).join(', ')} or ${names.at(-1)}, not ${show(method.kind)}. Or give 'method.objective' alone.`,
  );
}

/** Whether the loss is `where(place_i == 1, x, 0)` with an x that reads the response alone, as in best-of-N distillation. */
function readsBestAlone(loss: GroupLoss): boolean {
  const [condition, , otherwise] = match(loss.item, 'where') ?? [];
  const isPlaceOne = ([a, b]: readonly Expression[]) =>
    a?.kind === 'input' && a.name === 'place_i' && b?.kind === 'constant' && b.value === 1;
  const isOfBest = isPlaceOne(condition ? (match(condition, 'eq') ?? []) : []) && otherwise?.kind === 'constant' && otherwise.value === 0;
  return isOfBest && loss.reductions.length === 0 && groupInputsOf(loss).every((name) => name.endsWith('_i'));
}

/** The exponent that the first part of a choice with one has by itself. */
function ownMixture(choice: ObjectiveChoice): number | null {
  if ('name' in choice) return findGroupObjective(choice.name)?.mixtureCoef ?? null;
  if (!('mix' in choice)) return null;
  return choice.mix.reduce<number | null>((found, { objective }) => found ?? ownMixture(objective), null);
}

/** What a method minimises. Throws an ExperimentError, an ObjectiveError or an ExpressionError that names what is wrong. */
export function onPolicyLoss(method: OnPolicyMethod): CompiledOnPolicyLoss {
  assertObject('method', method);
  const { objective, pairs } = spelt(method);
  assertObject('method.objective', objective);
  if (pairs === undefined) {
    const spec = resolveLoss(objective, 'groups');
    const tells = groupInputsOf(spec.loss).some((name) => name.startsWith('opponent'));
    const mixtureCoef = tells ? (ownMixture(objective) ?? 1) : null;
    return { over: 'groups', objective: compileLoss(spec), bestAlone: readsBestAlone(spec.loss), mixtureCoef };
  }
  assertObject('method.pairs', pairs);
  const { threshold = 0 } = pairs;
  assertFinite('kind' in method ? 'method.threshold' : 'method.pairs.threshold', threshold);
  return { over: 'pairs', objective: compileLoss(resolveLoss(objective, 'pairs')), threshold };
}
