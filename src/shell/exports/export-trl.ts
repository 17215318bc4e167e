import { ObjectiveError } from '../../core/errors.ts';
import type { ObjectiveChoice, ReferenceSync } from '../../core/experiment.ts';
import { trlVersion } from '../../core/trl-version.ts';
import type { PairInput } from '../../objectives/inputs.ts';
import { expandChoice, type NamedObjective, resolveName } from '../../objectives/resolve.ts';
import { objectivePython, statisticsHelpers, statisticsPython } from '../../objectives/text/python.ts';
import { docstring, indent, pythonFile, type ScriptHead } from './python-file.ts';
import { syncArguments } from './trl-sync.ts';

export interface TrlOptions extends ScriptHead {
  /** what the objective is called */
  readonly objective: string;
  /** how the reference follows the policy; default it stays */
  readonly sync?: Required<ReferenceSync> | null | undefined;
}

/** Losses that TRL's DPOTrainer has, by the catalogue's ids, and whether it takes an f-divergence other than the reverse KL with them. */
const lossTypes: Readonly<Record<string, { loss: string; divergence?: true }>> = {
  dpo: { loss: 'sigmoid', divergence: true },
  hinge: { loss: 'hinge', divergence: true },
  ipo: { loss: 'ipo', divergence: true },
  exo_pair: { loss: 'exo_pair', divergence: true },
  robust: { loss: 'robust', divergence: true },
  discopop: { loss: 'discopop', divergence: true },
  sigmoid_norm: { loss: 'sigmoid_norm', divergence: true },
  nca_pair: { loss: 'nca_pair' },
  bco_pair: { loss: 'bco_pair' },
  sppo_hard: { loss: 'sppo_hard' },
  aot: { loss: 'aot' },
  aot_unpaired: { loss: 'aot_unpaired' },
  apo_zero: { loss: 'apo_zero' },
  apo_down: { loss: 'apo_down' },
  sft: { loss: 'sft' },
};

/** DPOConfig's names of the parameters that its losses have. */
const configNames: Readonly<Record<string, string>> = {
  beta: 'beta',
  labelSmoothing: 'label_smoothing',
  discopopTau: 'discopop_tau',
};

/** Arguments of a DPOConfig that trains with this objective; null where TRL has no loss of that meaning. */
function configArguments({ objective, options, values }: NamedObjective): string[] | null {
  const known = lossTypes[objective.id];
  if (!known || (options.divergence !== 'reverse_kl' && !known.divergence)) return null;
  const parameters = Object.entries(values).map(([name, value]) => `${configNames[name]}=${value}`);
  if (parameters.some((argument) => argument.startsWith('undefined'))) return null;
  return [
    `loss_type=["${known.loss}"]`,
    ...parameters,
    ...(options.divergence === 'reverse_kl' ? [] : [`f_divergence_type="${options.divergence}"`]),
    ...(options.divergence === 'alpha_divergence' ? [`f_alpha_divergence_coef=${options.coefficient}`] : []),
    ...(options.ldAlpha === null ? [] : [`ld_alpha=${options.ldAlpha}`]),
    ...(options.weighting ? ['use_weighting=True'] : []),
  ];
}

/** Columns of the data set that an objective reads beside the texts. */
const dataColumns: Readonly<Partial<Record<PairInput, string>>> = {
  reward_w: 'reward_chosen',
  reward_l: 'reward_rejected',
  label: 'label',
  weight: 'weight',
};

/** What the trainer defines before it calls the loss, of what the loss reads. */
function inputLines(inputs: readonly PairInput[], ldAlpha: number | null): string[] {
  const reads = (...names: readonly PairInput[]) => names.some((name) => inputs.includes(name));
  return [
    ...(reads('len_w', 'len_l', 'mean_len_w') || ldAlpha !== null ? ['len_w, len_l = mask.sum(dim=1).float().chunk(2)'] : []),
    ...(ldAlpha === null
      ? ['logp_w, logp_l = token_logps.sum(dim=1).chunk(2)']
      : [
          '# LD-DPO (arXiv:2409.06411): tokens beyond the length of the shorter response count less',
          'shorter = torch.minimum(len_w, len_l).repeat(2).unsqueeze(1)',
          'weights = torch.where(mask.cumsum(dim=1) <= shorter, 1.0, self.args.ld_alpha)',
          'logp_w, logp_l = (token_logps * weights).sum(dim=1).chunk(2)',
        ]),
    ...(reads('mean_len_w') ? ['mean_len_w = len_w.mean().expand_as(len_w)'] : []),
    ...(reads('prev_w', 'prev_l')
      ? ['# one iteration of the method: the previous iterate is the reference, the model before training', 'prev_w, prev_l = ref_w, ref_l']
      : []),
    ...(reads('wpo_weight')
      ? [
          'with torch.no_grad():',
          '    # WPO (arXiv:2406.11827): how on-policy each pair is, as a constant',
          '    log_squares = torch.logsumexp(2 * logits, dim=-1) - 2 * torch.logsumexp(logits, dim=-1)',
          '    means = ((token_logps - log_squares) * mask).sum(dim=1) / mask.sum(dim=1)',
          '    wpo_weight = torch.exp(sum(means.chunk(2)))',
        ]
      : []),
    ...statisticsPython(inputs).map((line) => line.replaceAll('seen[', 'self.seen[')),
    ...(reads('mean_logratio') ? ['if self.model.training:', '    self.seen = [now_mean.item(), now_seen]'] : []),
  ];
}

/** Where the reference moves its log-probs are not known beforehand: each batch asks it. */
const movingReferenceLines = [
  'with torch.no_grad():',
  '    ref_logits = self.ref_model(**inputs, use_cache=False).logits[:, :-1].float()',
  'ref_tokens = -F.cross_entropy(ref_logits.transpose(1, 2), tokens, reduction="none") * mask',
  'ref_w, ref_l = ref_tokens.sum(dim=1).chunk(2)',
];

function trainerLines(inputs: readonly PairInput[], ldAlpha: number | null, isMoving: boolean): string[] {
  const extra = inputs.flatMap((name) => {
    const column = dataColumns[name];
    return column ? [{ name, column }] : [];
  });
  const columns = extra.map(({ column }) => `"${column}"`).join(', ');
  const collator =
    extra.length === 0
      ? []
      : [
          `COLUMNS = [${columns}]  # of the data set, beside prompt, chosen and rejected`,
          '',
          '',
          'class Collator(DataCollatorForPreference):',
          '    """Keeps the numbers of each pair."""',
          '',
          '    def torch_call(self, examples):',
          '        batch = super().torch_call(examples)',
          '        return batch | {name: torch.tensor([float(one[name]) for one in examples]) for name in COLUMNS}',
          '',
          '',
        ];
  const refLogps =
    extra.length === 0 || isMoving
      ? []
      : [
          '    def compute_ref_log_probs(self, model, inputs):',
          '        return super().compute_ref_log_probs(model, {k: v for k, v in inputs.items() if k not in COLUMNS})',
          '',
        ];
  return [
    ...collator,
    'class Trainer(DPOTrainer):',
    '    """DPOTrainer with the loss above in place of its own. A batch holds the chosen responses, then the rejected ones."""',
    '',
    ...(inputs.includes('mean_logratio') ? ['    seen = [0.0, 0]  # mean and number of the log-ratios of all earlier batches', ''] : []),
    ...refLogps,
    '    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):',
    '        inputs = dict(inputs)',
    '        mask = inputs.pop("completion_mask")[:, 1:]',
    ...(isMoving ? [] : ['        ref_w, ref_l = inputs.pop("ref_chosen_logps"), inputs.pop("ref_rejected_logps")']),
    ...extra.map(({ name, column }) => `        ${name} = inputs.pop("${column}")`),
    '        outputs = model(**inputs, use_cache=False)',
    '        logits, tokens = outputs.logits[:, :-1].float(), inputs["input_ids"][:, 1:]',
    '        token_logps = -F.cross_entropy(logits.transpose(1, 2), tokens, reduction="none") * mask',
    ...(isMoving ? indent(movingReferenceLines, 8) : []),
    ...indent(inputLines(inputs, ldAlpha), 8),
    `        loss = loss_of(${inputs.join(', ')}).mean()`,
    '',
    '        # what to watch: the chosen responses may lose probability while the loss falls',
    '        logged = self._metrics["train" if self.model.training else "eval"]',
    '        for name, value in {',
    '            "logps/chosen": logp_w,',
    '            "logps/rejected": logp_l,',
    '            "logratios/chosen": logp_w - ref_w,',
    '            "logratios/rejected": logp_l - ref_l,',
    '        }.items():',
    '            logged[name].append(value.mean().item())',
    '        return (loss, outputs) if return_outputs else loss',
  ];
}

/**
 * A Python script that trains a language model with TRL under this objective: with DPOTrainer's own loss where it has one of the same
 * meaning, else with a subclass that computes it. Batch statistics are those of each device's batch. Throws what `expandChoice` throws, and
 * an ObjectiveError for LD-DPO with a reference that moves.
 */
export function trlScript(choice: ObjectiveChoice, options: TrlOptions): string {
  const named = 'name' in choice ? resolveName(choice.name, choice.params) : null;
  const config = named && configArguments(named);
  const { loss, values, ldAlpha } = expandChoice(choice);
  const objective = objectivePython(loss, values, [`${docstring(options.objective)}: the loss of each pair.`]);
  const { inputs } = objective;
  const columns = [...new Set(inputs.flatMap((name) => dataColumns[name] ?? []))];
  const needsColumns = config === null && columns.length > 0;
  const sync = options.sync && inputs.some((name) => name.startsWith('ref_')) ? options.sync : null;
  if (sync && ldAlpha !== null) throw new ObjectiveError('LD-DPO with a reference that moves is not written for TRL.');
  const following = sync ? syncArguments(sync).map(([name, value]) => `${name}=${value}`) : [];
  const settings = config ?? [
    ...(sync
      ? []
      : ['# the reference log-probs come with each batch, and no second model stays in memory', 'precompute_ref_log_probs=True,']),
    ...(ldAlpha === null ? [] : [`ld_alpha=${ldAlpha},`]),
    ...(needsColumns ? ['remove_unused_columns=False,'] : []),
  ];
  const usage = [
    `The objective of the page on a real model, with TRL (written for version ${trlVersion}):`,
    '',
    '    python this_file.py MODEL PAIRS.jsonl',
    '',
    'MODEL is a causal language model, by name or folder; each line of PAIRS.jsonl holds "prompt", "chosen" and "rejected"' +
      `${needsColumns ? `, and ${columns.map((column) => `"${column}"`).join(', ')}` : ''}.`,
    "The toy's step size and number of updates mean nothing to another model: those here are TRL's defaults.",
  ];
  const libraries = [
    'from datasets import load_dataset',
    ...(needsColumns ? ['from transformers import AutoTokenizer'] : []),
    'from trl import DPOConfig, DPOTrainer',
    ...(needsColumns ? ['from trl.trainer.dpo_trainer import DataCollatorForPreference'] : []),
  ];
  const body = [
    ...(config === null
      ? [...objective.lines, '', '', ...statisticsHelpers(inputs), ...trainerLines(inputs, ldAlpha, sync !== null), '', '']
      : []),
    'def main():',
    '    model, pairs = sys.argv[1:]',
    ...(needsColumns
      ? ['    tokenizer = AutoTokenizer.from_pretrained(model)', '    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token']
      : []),
    '    args = DPOConfig(',
    '        output_dir="prefscope-run",',
    ...indent(config === null ? settings : settings.map((argument) => `${argument},`), 8),
    ...indent(
      following.map((argument) => `${argument},`),
      8,
    ),
    '    )',
    `    trainer = ${config === null ? 'Trainer' : 'DPOTrainer'}(`,
    '        model=model,',
    '        args=args,',
    '        train_dataset=load_dataset("json", data_files=pairs, split="train"),',
    ...(needsColumns
      ? [
          '        processing_class=tokenizer,',
          '        data_collator=Collator(tokenizer.pad_token_id, args.max_length, args.truncation_mode),',
        ]
      : []),
    '    )',
    '    trainer.train()',
    '    trainer.save_model()',
  ];
  return pythonFile(options, { usage, libraries, body });
}
