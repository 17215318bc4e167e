import type { ObjectiveChoice } from '../../core/experiment.ts';
import { number } from '../../core/python-literals.ts';
import { findGroupObjective } from '../../objectives/group-catalogue.ts';
import { type GroupOptions, readGroupOptions } from '../../objectives/group-options.ts';
import { resolveLoss } from '../../objectives/loss-spec.ts';
import { indent, pythonFile, type ScriptHead } from './python-file.ts';

/** The version of TRL whose source the names and defaults below were read in. */
export const trlGroupsVersion = '1.9.0';

/** How a run samples, beside its objective. */
export interface GroupSampling {
  /** answers to a prompt */
  readonly groupSize: number;
  /** updates on the same answers */
  readonly reuse: number;
  /** weight of the entropy bonus */
  readonly entropy: number;
  /** β of a KL taken off the rewards */
  readonly klInReward: number;
}

/** TRL's own. */
const usualSampling: GroupSampling = { groupSize: 8, reuse: 1, entropy: 0, klInReward: 0 };

type Trainer = 'GRPO' | 'RLOO' | 'GMPO';

/** Whose trainer an objective of the catalogue is, and what its configuration says besides the values of parameters. */
const trainers: Readonly<Record<string, { readonly trainer: Trainer; readonly loss?: string }>> = {
  grpo: { trainer: 'GRPO', loss: 'grpo' },
  gspo: { trainer: 'GRPO', loss: 'grpo' },
  dr_grpo: { trainer: 'GRPO', loss: 'dr_grpo' },
  bnpo: { trainer: 'GRPO', loss: 'bnpo' },
  dapo: { trainer: 'GRPO', loss: 'dapo' },
  cispo: { trainer: 'GRPO', loss: 'cispo' },
  sapo: { trainer: 'GRPO', loss: 'sapo' },
  gmpo: { trainer: 'GMPO' },
  rloo: { trainer: 'RLOO' },
};

const modules: Readonly<Record<Trainer, string>> = { GRPO: 'trl', RLOO: 'trl', GMPO: 'trl.experimental.gmpo' };

/** The configurations' names of parameters. */
const configNames: Readonly<Record<string, string>> = {
  beta: 'beta',
  epsilon: 'epsilon',
  epsilonHigh: 'epsilon_high',
  sapoTemperaturePos: 'sapo_temperature_pos',
  sapoTemperatureNeg: 'sapo_temperature_neg',
  maxLength: 'max_completion_length',
};

/** A trainer of TRL's, with the arguments of its configuration that say what the loss is. */
export interface TrlGroupConfig {
  readonly trainer: Trainer;
  readonly arguments: readonly (readonly [name: string, value: string])[];
}

/** What of TRL trains with an objective of groups; null where it has no loss of that meaning. Throws an ObjectiveError for a bad choice. */
export function trlGroupConfig(choice: ObjectiveChoice, sampling: GroupSampling = usualSampling): TrlGroupConfig | null {
  const objective = 'name' in choice ? findGroupObjective(choice.name) : undefined;
  const known = objective && trainers[objective.id];
  if (!objective || !known || !('name' in choice)) return null;
  const { values } = resolveLoss(choice, 'groups');
  const options: Partial<GroupOptions> = readGroupOptions(objective.name, objective.options, Object.entries(choice.params ?? {}));
  const { trainer, loss } = known;
  const inReward = sampling.klInReward;
  // RLOO takes its KL off the rewards; the others have the estimator k3 in the loss, and none in the rewards
  if (trainer === 'RLOO' ? sampling.entropy > 0 : inReward > 0 || (Number(values['beta'] ?? 0) > 0 && options.kl !== 'k3')) return null;
  const quoted = (text: string) => `"${text}"`;
  const set: Record<string, string> = {
    ...(loss ? { loss_type: quoted(loss) } : {}),
    ...(trainer !== 'RLOO' && options.scaleRewards ? { scale_rewards: quoted(options.scaleRewards) } : {}),
    ...(trainer === 'GRPO' && options.level ? { importance_sampling_level: quoted(options.level) } : {}),
  };
  for (const [name, value] of Object.entries(values)) {
    const own = configNames[name];
    if (!own) return null;
    // 0 stands for the longest response, which TRL does not divide by
    if (name !== 'maxLength' || value > 0) set[own] = number(value);
  }
  if (inReward > 0) set['beta'] = number(inReward);
  if (sampling.entropy > 0) set['entropy_coef'] = number(sampling.entropy);
  return {
    trainer,
    arguments: [...Object.entries(set), ['num_generations', String(sampling.groupSize)], ['num_iterations', String(sampling.reuse)]],
  };
}

/** A Python script that trains a language model with TRL on groups of its own answers; null where TRL has no trainer of this objective. */
export function trlGroupScript(choice: ObjectiveChoice, head: ScriptHead, sampling: GroupSampling = usualSampling): string | null {
  const config = trlGroupConfig(choice, sampling);
  if (!config) return null;
  const [configuration, trainer] = [`${config.trainer}Config`, `${config.trainer}Trainer`];
  return pythonFile(head, {
    usage: [
      `The objective of the page on a real model, with TRL (its source was read at version ${trlGroupsVersion}):`,
      '',
      '    python this_file.py MODEL PROMPTS.jsonl',
      '',
      'MODEL is a causal language model, by name or folder; each line of PROMPTS.jsonl holds "prompt" and "answer", the right one.',
      "The toy's step size and number of updates mean nothing to another model: those here are TRL's defaults.",
    ],
    libraries: ['from datasets import load_dataset', `from ${modules[config.trainer]} import ${configuration}, ${trainer}`],
    body: [
      'def reward(completions, answer, **_):',
      '    """The checker: 1 where an answer ends with the right one, else 0."""',
      '    return [float(text.strip().endswith(str(right))) for text, right in zip(completions, answer)]',
      '',
      '',
      'def main():',
      '    model, prompts = sys.argv[1:]',
      `    args = ${configuration}(`,
      '        output_dir="prefscope-run",',
      ...indent(
        config.arguments.map(([name, value]) => `${name}=${value},`),
        8,
      ),
      '        # a step on each device holds one group: TRL wants its batch to be a multiple of one',
      `        per_device_train_batch_size=${sampling.groupSize},`,
      '    )',
      `    trainer = ${trainer}(`,
      '        model=model,',
      '        reward_funcs=reward,',
      '        args=args,',
      '        train_dataset=load_dataset("json", data_files=prompts, split="train"),',
      '    )',
      '    trainer.train()',
      '    trainer.save_model()',
    ],
  });
}
