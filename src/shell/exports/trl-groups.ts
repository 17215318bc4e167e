import type { ObjectiveChoice, ReferenceSync } from '../../core/experiment.ts';
import { number } from '../../core/python-literals.ts';
import { trlVersion } from '../../core/trl-version.ts';
import { findGroupObjective } from '../../objectives/group-catalogue.ts';
import { type GroupOptions, readGroupOptions } from '../../objectives/group-options.ts';
import { resolveLoss } from '../../objectives/loss-spec.ts';
import { indent, pythonFile, type ScriptHead } from './python-file.ts';
import { syncArguments } from './trl-sync.ts';

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
  /** how the reference follows the policy, where something reads it */
  readonly sync?: Required<ReferenceSync> | null;
  /** share of the batches that a policy that learns from a teacher draws itself; the others are the teacher's */
  readonly lmbda?: number;
}

/** TRL's own. */
export const usualSampling: GroupSampling = { groupSize: 8, reuse: 1, entropy: 0, klInReward: 0 };

type Trainer = 'GRPO' | 'RLOO' | 'GMPO' | 'GKD';

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
  gkd: { trainer: 'GKD' },
};

const modules: Readonly<Record<Trainer, string>> = { GRPO: 'trl', RLOO: 'trl', GMPO: 'trl.experimental.gmpo', GKD: 'trl.experimental.gkd' };

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

/** GKD: the divergence and who draws; the page draws at temperature 1, and has the teacher's answers where they are not the policy's. */
function distillation({ beta = 0.5 }: Readonly<Record<string, number>>, { lmbda = 1, entropy }: GroupSampling): TrlGroupConfig | null {
  if (entropy > 0) return null;
  return {
    trainer: 'GKD',
    arguments: [
      ['beta', number(beta)],
      ['lmbda', number(lmbda)],
      ...(lmbda < 1 ? [['seq_kd', 'True'] as const] : []),
      ['temperature', '1.0'],
    ],
  };
}

/** What of TRL trains with an objective of groups; null where it has no loss of that meaning. Throws an ObjectiveError for a bad choice. */
export function trlGroupConfig(choice: ObjectiveChoice, sampling: GroupSampling = usualSampling): TrlGroupConfig | null {
  const objective = 'name' in choice ? findGroupObjective(choice.name) : undefined;
  const known = objective && trainers[objective.id];
  if (!objective || !known || !('name' in choice)) return null;
  const { values } = resolveLoss(choice, 'groups');
  const options: Partial<GroupOptions> = readGroupOptions(objective.name, objective.options, Object.entries(choice.params ?? {}));
  const { trainer, loss } = known;
  if (trainer === 'GKD') return distillation(values, sampling);
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
    arguments: [
      ...Object.entries(set),
      // without a weight of the KL TRL has no reference that could move
      ...(sampling.sync && Number(set['beta'] ?? 0) > 0 ? syncArguments(sampling.sync) : []),
      ['num_generations', String(sampling.groupSize)],
      ['num_iterations', String(sampling.reuse)],
    ],
  };
}

const toysOwn = "The toy's step size and number of updates mean nothing to another model: those here are TRL's defaults.";

/** The same for a policy that learns from a teacher, and from no rewards. */
const distillationScript = (config: TrlGroupConfig, head: ScriptHead, { groupSize, reuse }: GroupSampling): string =>
  pythonFile(head, {
    usage: [
      `The objective of the page on a real model, with TRL (its source was read at version ${trlVersion}):`,
      '',
      '    python this_file.py MODEL TEACHER CHATS.jsonl',
      '',
      'MODEL and TEACHER are causal language models of one vocabulary, by name or folder; each line of CHATS.jsonl holds "messages", the',
      'last of them an answer, which is not read unless nobody draws another.',
      toysOwn,
      `TRL draws one answer to a prompt for each update, and sums over the vocabulary; the page draws ${groupSize}, makes ${reuse} updates on them, and`,
      'has an estimate from the tokens that were drawn.',
    ],
    libraries: [
      'from datasets import load_dataset',
      'from transformers import AutoTokenizer',
      `from ${modules.GKD} import GKDConfig, GKDTrainer`,
    ],
    body: [
      'def main():',
      '    model, teacher, chats = sys.argv[1:]',
      '    tokenizer = AutoTokenizer.from_pretrained(model)',
      '    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token',
      '    args = GKDConfig(',
      '        output_dir="prefscope-run",',
      ...indent(
        config.arguments.map(([name, value]) => `${name}=${value},`),
        8,
      ),
      '    )',
      '    trainer = GKDTrainer(',
      '        model=model,',
      '        teacher_model=teacher,',
      '        args=args,',
      '        train_dataset=load_dataset("json", data_files=chats, split="train"),',
      '        processing_class=tokenizer,',
      '    )',
      '    trainer.train()',
      '    trainer.save_model()',
    ],
  });

/** A Python script that trains a language model with TRL on groups of its own answers; null where TRL has no trainer of this objective. */
export function trlGroupScript(choice: ObjectiveChoice, head: ScriptHead, sampling: GroupSampling = usualSampling): string | null {
  const config = trlGroupConfig(choice, sampling);
  if (!config) return null;
  if (config.trainer === 'GKD') return distillationScript(config, head, sampling);
  const [configuration, trainer] = [`${config.trainer}Config`, `${config.trainer}Trainer`];
  const isMoving = config.arguments.some(([name]) => name === 'sync_ref_model');
  return pythonFile(head, {
    usage: [
      `The objective of the page on a real model, with TRL (its source was read at version ${trlVersion}):`,
      '',
      '    python this_file.py MODEL PROMPTS.jsonl',
      '',
      'MODEL is a causal language model, by name or folder; each line of PROMPTS.jsonl holds "prompt" and "answer", the right one.',
      toysOwn,
      ...(isMoving && sampling.klInReward === 0 ? ['TRL reads the reference when a group is drawn, the page at each update on it.'] : []),
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
