import { flatMetrics } from './flat-metrics.ts';

/** Which data a number of a log was measured on. */
export type Part = 'train' | 'eval';

export interface LogColumn {
  /** TRL's name, without a prefix; or its own, where it is none that is known */
  readonly column: string;
  readonly part: Part;
  readonly isKnown: boolean;
  /** the run that it is of, where a table holds several */
  readonly run: string | null;
}

/** TRL's names, and what else each is called. Slashes, dashes and blanks count as underscores. */
const aliases: Readonly<Record<string, string>> = {
  loss: 'loss total_loss dpo_loss loss_mean mean_loss training_loss reduced_train_loss actor_pg_loss pg_loss policy_loss actor_loss lm_loss ppo_loss_total loss_step',
  'rewards/chosen':
    'rewards_chosen chosen_reward chosen_rewards reward_chosen implicit_rewards_chosen mean_chosen_reward rewards_chosen_mean',
  'rewards/rejected':
    'rewards_rejected rejected_reward rejected_rewards reward_rejected reject_reward implicit_rewards_rejected mean_rejected_reward rewards_rejected_mean',
  'rewards/margins': 'rewards_margins rewards_margin reward_margin reward_margins margins margin implicit_rewards_margin',
  'rewards/accuracies':
    'rewards_accuracies rewards_accuracy reward_accuracy reward_accuracies reward_acc rewards_acc accuracies accuracy acc preference_accuracy',
  'logps/chosen': 'logps_chosen chosen_logps chosen_logp policy_chosen_logps policy_chosen_logp logp_chosen log_probs_chosen',
  'logps/rejected':
    'logps_rejected rejected_logps rejected_logp policy_rejected_logps policy_rejected_logp logp_rejected log_probs_rejected',
  'ref_logps/chosen': 'ref_logps_chosen reference_chosen_logps ref_chosen_logps ref_chosen_logp',
  'ref_logps/rejected': 'ref_logps_rejected reference_rejected_logps ref_rejected_logps ref_rejected_logp',
  'logits/chosen': 'logits_chosen',
  'logits/rejected': 'logits_rejected',
  kl: 'kl objective_kl kl_divergence mean_kl kl_mean ppo_kl actor_ppo_kl approx_kl approxkl policy_approxkl_avg kl_div rewards_kl actor_kl_loss kl_loss',
  learning_rate: 'learning_rate lr actor_lr lr_adamw learning_rate_group_0',
  grad_norm: 'grad_norm gradient_norm actor_grad_norm grad_norm_total',
  reward:
    'reward mean_reward rewards_mean reward_mean critic_rewards_mean objective_scores objective_rlhf_reward env_reward_mean rollout_raw_reward raw_reward',
  reward_std: 'reward_std rewards_std critic_rewards_std',
  completion_length:
    'completion_length completions_mean_length completions_length response_length response_length_mean rollout_response_lengths response_lengths seq_length mean_length completion_length_mean mean_completion_length tokens_per_response chosen_length',
  entropy: 'entropy actor_entropy objective_entropy policy_entropy_avg actor_entropy_loss mean_entropy',
  epoch: 'epoch',
  nll_loss: 'nll_loss sft_loss',
  beta: 'beta',
};
const columnOf = new Map(Object.entries(aliases).flatMap(([column, names]) => names.split(' ').map((name) => [name, column] as const)));
/** Whether a column of a read log is one of those that are known, in training or in evaluation. */
export const isKnownColumn = (name: string): boolean => Object.hasOwn(aliases, name.replace(/^eval_/, ''));
/** Where a row stands in the run. */
const stepNames = new Set(
  'step steps global_step globalstep _step trainer_global_step train_global_step global_steps iteration iter current_steps update training_step trainer_step global_step_max_steps counters_updates counters_examples'.split(
    ' ',
  ),
);
/** What a metric of a run is and a record of data hardly is. */
const strong = new Set([
  ...['loss', 'rewards/chosen', 'rewards/rejected', 'rewards/margins', 'rewards/accuracies', 'learning_rate', 'grad_norm', 'kl'],
  ...['completion_length', 'reward_std', 'entropy'],
]);

const squash = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s/.:-]+/g, '_');
const PART = /^(train|training|eval|evaluation|val|validation|valid|test)_+/;

const read = new Map<string, LogColumn | 'step' | null>();

/** What a column of a log is; null for what is none of it, as W&B's __MIN and times. */
export function logColumn(name: string): LogColumn | 'step' | null {
  const before = read.get(name);
  if (before !== undefined) return before;
  const column = readName(name);
  if (read.size < 10_000) read.set(name, column);
  return column;
}

function readName(name: string): LogColumn | 'step' | null {
  if (name.length > 200 || name === '' || /__(min|max)$/i.test(name)) return null;
  const [run, metric] = / - /.test(name) ? [name.slice(0, name.lastIndexOf(' - ')), name.slice(name.lastIndexOf(' - ') + 3)] : [null, name];
  // a unit in brackets; numbers in them tell columns of one name apart
  let plain = squash(metric.replace(/\s*\((?!\d+\))[^()]*\)\s*$/, ''));
  if (stepNames.has(plain) || stepNames.has(plain.replace(PART, ''))) return 'step';
  if (
    /^_|^wall_time$|timestamp|^time$|runtime|per_second|^percentage$|elapsed|remaining|total_steps|^relative_time|^max_steps$/.test(plain)
  )
    return null;
  let part: Part = 'train';
  // rewards_train/chosen, loss/train
  const middle = /^(rewards|logps|loss|logits)_(train|eval)(?=_|$)/.exec(plain);
  if (middle) plain = plain.replace(`_${middle[2]}`, '');
  const [found, word] = PART.exec(plain) ?? [];
  if (found && !columnOf.has(plain)) plain = plain.slice(found.length);
  const said = middle?.[2] ?? word;
  if (said && !said.startsWith('train')) part = 'eval';
  const column = columnOf.get(plain);
  const own = metric.trim().replace(/^(?:train|eval|test|val|validation)[/_]/, '');
  return { column: column ?? own, part, isKnown: column !== undefined, run };
}

/** Whether columns are those of one metric, which the file's name tells: a step, a value and times, as TensorBoard and Neptune write it. */
export const isSingleMetric = (names: readonly string[]): boolean =>
  names.length <= 5 &&
  names.filter((name) => /^value$/i.test(name)).length === 1 &&
  names.some((name) => logColumn(name) === 'step') &&
  names.every((name) => /^value$/i.test(name) || logColumn(name) === 'step' || logColumn(name) === null);

/** Whether a record is a row of a training log: metrics by name, and no text. */
export function isLogRow(row: Readonly<Record<string, unknown>>): boolean {
  if (isSingleMetric(Object.keys(row))) return true;
  let hasRate = false;
  let [known, isStrong, steps, others] = [0, false, 0, 0];
  for (const [name, value] of Object.entries(flatMetrics(row))) {
    if (value !== null && typeof value === 'object') continue;
    const column = logColumn(name);
    if (typeof value === 'boolean' || (typeof value === 'string' && /[a-z]{3}/i.test(value))) others++;
    if (column === 'step') steps++;
    else if (column?.isKnown) {
      if (typeof value === 'string' && /[a-z]/i.test(value) && !/^[-+]?(nan|inf(inity)?|[\d.]+e[-+]?\d+)$/i.test(value.trim())) continue;
      known++;
      if (strong.has(column.column) && column.column !== 'learning_rate') isStrong = true;
      if (column.column === 'learning_rate') hasRate = true;
    }
  }
  // a rate among texts and switches is a setting
  return (isStrong || (hasRate && others < 2) || (others === 0 && steps > 0)) && known >= 1;
}
