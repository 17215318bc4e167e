import { ExperimentError } from '../../core/errors.ts';
import type { Experiment } from '../../core/experiment.ts';
import { findOptimizer, type UpdateSettings, updateSettings } from '../../core/optimizer.ts';
import { list, matrix, number, numbers, text, tuple } from '../../core/python-literals.ts';
import type { GroupColumn } from '../../objectives/group-inputs.ts';
import { isBatchStatistic, type PairInput } from '../../objectives/inputs.ts';
import { compileLoss, resolveLoss } from '../../objectives/loss-spec.ts';
import { objectivePython, statisticsHelpers, statisticsPython } from '../../objectives/text/python.ts';
import '../../policies/further-kinds.ts';
import { definePolicy, policyPython } from '../../policies/kinds.ts';
import type { PolicyDefinition, PolicyPython } from '../../policies/policy.ts';
import { orderGroup, packGroupInputs, validateGroupInputs } from '../../train/group/group-columns.ts';
import { miniBatch, validateMiniBatches } from '../../train/mini-batches.ts';
import { syncOf } from '../../train/own-reference.ts';
import { experimentColumns } from '../../train/passes/experiment-columns.ts';
import { readableSteps } from '../../train/train-run.ts';
import { resolveData } from '../../train/validate/resolve-data.ts';
import { validateExperiment } from '../../train/validate/validate-experiment.ts';
import { type TrajectoryLayout, trajectoryColumns } from './export-table.ts';
import { asPairs } from './groups-as-pairs.ts';
import { groupsPython } from './groups-script.ts';
import { docstring, indent, pythonFile, type ScriptHead } from './python-file.ts';
import { referenceHolder } from './reference-script.ts';

/** What a script says of itself, and what it writes. */
export interface ScriptOptions extends ScriptHead {
  /** what the objective is called */
  readonly objective: string;
  /** names of the outcomes [K], for the columns; default their indices */
  readonly outcomes?: readonly string[];
  readonly detail?: TrajectoryLayout['detail'];
  readonly geometry?: boolean;
}

/** Most items that the mini-batches of a script list. */
const mostListed = 200_000;
const tokensOf = (response: number | readonly number[]): readonly number[] => (typeof response === 'number' ? [response] : response);

/** Definitions of the parameters, of `context`, which says what a position reads, and of `offset` where the policy has any. */
export function policyLines({ words, lines = [], context, offset }: PolicyPython, { parameters }: PolicyDefinition): string[] {
  return [
    `# The policy: ${words}.`,
    ...parameters.map(
      ({ name, values, width, trained }) =>
        `${name.toUpperCase()} = torch.tensor(${matrix(values, width)}, dtype=torch.float64${trained ? ', requires_grad=True' : ''})`,
    ),
    `TRAINED = [${parameters.flatMap(({ name, trained }) => (trained ? [name.toUpperCase()] : [])).join(', ')}]`,
    '',
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    '',
    'def context(prompt, response, t):',
    '    """The row of logits that token t of a response is drawn from."""',
    `    return ${context}`,
    ...(offset ? ['', '', ...offset] : []),
  ];
}

/** A reference that is not simply the policy before training: what holds it, and whether it moves; null where it is that. */
function ownReferenceOf({ reference, syncReference }: Experiment, { parameters }: PolicyDefinition) {
  if (!reference && !syncReference) return null;
  const given = reference ? definePolicy({ ...reference, noise: 0 }).parameters : null;
  const follow = syncReference ? syncOf(syncReference) : null;
  return { lines: ['', '', ...referenceHolder(parameters, given, follow)], moves: follow !== null };
}

/** After an update: a reference that moves, and what of it is looked at again. */
const followLines = ['if move_reference(step + 1):', '    look_at_reference()'];

/** Which inputs a run defines beside the two log-probs, and as what. `prev` is what the previous iterate's log-probs are called. */
function inputLines(inputs: readonly PairInput[], { pairs }: Experiment, prev: string): string[] {
  const given = (values: readonly (number | undefined)[]) => `torch.tensor(${numbers(values.map((value) => value ?? Number.NaN))})`;
  const all: readonly (readonly [PairInput, string])[] = [
    ['len_w', 'LENGTHS.chunk(2)[0]'],
    ['len_l', 'LENGTHS.chunk(2)[1]'],
    ['mean_len_w', 'LENGTHS.chunk(2)[0].mean().expand(len(PAIRS))'],
    ['prev_w', `${prev}_w  # one iteration: the previous iterate is the policy at its start`],
    ['prev_l', `${prev}_l`],
    ['reward_w', given(pairs.map(({ rewards }) => rewards?.[0]))],
    ['reward_l', given(pairs.map(({ rewards }) => rewards?.[1]))],
    ['label', given(pairs.map(({ label }) => label))],
    ['weight', 'PAIR_WEIGHTS'],
  ];
  return all.flatMap(([name, value]) => (inputs.includes(name) ? [`${name} = ${value}`] : []));
}

/** The optimiser's construction, and what stands between gradient and step. */
export function optimizerLines(settings: UpdateSettings): { make: string[]; decay: string[] } {
  const { rule, learningRate, momentum, beta1, beta2, epsilon, weightDecay } = settings;
  const rate = number(learningRate);
  const options =
    rule === 'adam'
      ? `AdamW(TRAINED, lr=${rate}, betas=(${number(beta1)}, ${number(beta2)}), eps=${number(epsilon)}, weight_decay=${number(weightDecay)})`
      : momentum > 0
        ? `SGD(TRAINED, lr=${rate}, momentum=${number(momentum)}${rule === 'nesterov' ? ', nesterov=True' : ''})`
        : `SGD(TRAINED, lr=${rate})`;
  const decay =
    weightDecay > 0 && rule !== 'adam'
      ? [
          '# decoupled decay: the parameters shrink, the gradient does not see it',
          'with torch.no_grad():',
          '    for tensor in TRAINED:',
          `        tensor.mul_(1 - ${rate} * ${number(weightDecay)})`,
        ]
      : [];
  return { make: [`optimizer = torch.optim.${options}`], decay };
}

/** The optimiser's construction, and the statements of one update from a scalar `loss`, or from the two log-probs. */
function updateLines(
  experiment: Experiment,
  settings: UpdateSettings,
  { batched, read }: { batched: boolean; read: string },
): { make: string[]; update: string[] } {
  const isNormalised = findOptimizer(experiment.optimizer.kind)?.normalisesPairs ?? false;
  const { make, decay } = optimizerLines(settings);
  const chosen = batched ? 'BATCHES[step]' : 'range(len(PAIRS))';
  const backward = isNormalised
    ? [
        `batch = ${chosen}`,
        `steps = [normalised_pair(${read}_w[i], ${read}_l[i], PAIR_WEIGHTS[i] / len(batch)) for i in batch]`,
        'for tensor, *parts in zip(TRAINED, *steps):',
        '    tensor.grad = -sum(parts)',
      ]
    : [`(PAIR_WEIGHTS * each)${batched ? '[BATCHES[step]]' : ''}.mean().backward()`];
  return { make, update: ['optimizer.zero_grad()', ...backward, ...decay, 'optimizer.step()'] };
}

const normalisedPair = [
  'def unit(gradients):',
  '    """The gradient by all trained parameters, divided by its length; 0 stays 0."""',
  '    length = sum((g**2).sum() for g in gradients).sqrt()',
  '    return [g / length if length > 0 else g for g in gradients]',
  '',
  '',
  'def normalised_pair(logp_w, logp_l, weight):',
  '    """A step up the unit gradient of the chosen log-prob, and down that of the rejected one (arXiv:2410.13828)."""',
  '    up = unit(torch.autograd.grad(logp_w, TRAINED, retain_graph=True))',
  '    down = unit(torch.autograd.grad(logp_l, TRAINED, retain_graph=True))',
  '    return [weight * (a - b) for a, b in zip(up, down)]',
  '',
  '',
];

const geometryLines = [
  'def geometry(logp_w, logp_l):',
  '    """Squared lengths, inner product and cosine of the gradients of both log-probs."""',
  '    g_w = torch.cat([g.flatten() for g in torch.autograd.grad(logp_w, TRAINED, retain_graph=True)])',
  '    g_l = torch.cat([g.flatten() for g in torch.autograd.grad(logp_l, TRAINED, retain_graph=True)])',
  '    w, l, inner = g_w @ g_w, g_l @ g_l, g_w @ g_l',
  '    return [w.item(), l.item(), inner.item(), (inner / (w * l).sqrt()).item()]',
  '',
  '',
];

/** Log-probs of the responses: `forward`, and `outcomes` where a response is one outcome. */
function forwardLines({ logits, offset }: PolicyPython, inputs: readonly PairInput[], ldAlpha: number | null): string[] {
  const hasOffsets = offset !== undefined;
  const table = hasOffsets ? `F.log_softmax((${logits})[ROWS] + OFFSET_ROWS, dim=-1)` : `F.log_softmax(${logits}, dim=-1)`;
  const row = hasOffsets ? 'torch.arange(len(ROWS))' : 'ROWS';
  const weighted = ldAlpha !== null;
  return [
    '# Every position of every response, chosen ones first: the row of logits that it reads, its token, and whose it is.',
    'RESPONSES = [(x, y_w) for x, y_w, _ in PAIRS] + [(x, y_l) for x, _, y_l in PAIRS]',
    'POSITIONS = [(context(x, y, t), y[t], owner) for owner, (x, y) in enumerate(RESPONSES) for t in range(len(y))]',
    'ROWS, TOKENS, OWNERS = torch.tensor(POSITIONS).T',
    ...(hasOffsets ? ['OFFSET_ROWS = torch.stack([offset(x, y, t) for x, y in RESPONSES for t in range(len(y))])'] : []),
    ...(weighted || inputs.some((name) => name === 'wpo_weight' || name.includes('len_'))
      ? ['LENGTHS = torch.tensor([float(len(y)) for _, y in RESPONSES])']
      : []),
    ...(weighted
      ? [
          '# LD-DPO (arXiv:2409.06411): tokens beyond the length of the shorter response of the pair count less.',
          'SHORTER = torch.minimum(*LENGTHS.chunk(2)).repeat(2)',
          `TOKEN_WEIGHTS = torch.tensor([1.0 if t < SHORTER[i] else ${number(ldAlpha)} for i, (_, y) in enumerate(RESPONSES) for t in range(len(y))])`,
        ]
      : []),
    '',
    '',
    'def log_policy():',
    `    """log pi${hasOffsets ? ' at every position [positions, V]' : ' for every row of logits [rows, V]'}."""`,
    `    return ${table}`,
    '',
    '',
    `def forward(${weighted ? 'weights=1.0' : ''}):`,
    '    """log pi of the chosen and of the rejected responses, summed over their tokens, each [pairs]."""',
    `    tokens = log_policy()[${row}, TOKENS]${weighted ? ' * weights' : ''}`,
    '    return torch.zeros(len(RESPONSES)).index_add(0, OWNERS, tokens).chunk(2)',
    '',
    '',
    ...(inputs.includes('wpo_weight')
      ? [
          'def on_policy_weight():',
          '    """WPO (arXiv:2406.11827): how on-policy each pair is, as a constant."""',
          '    with torch.no_grad():',
          '        logp = log_policy()',
          `        aligned = logp[${row}, TOKENS] - torch.logsumexp(2 * logp, dim=-1)[${row}]`,
          '        means = torch.zeros(len(RESPONSES)).index_add(0, OWNERS, aligned) / LENGTHS',
          '        return torch.exp(sum(means.chunk(2)))',
          '',
          '',
        ]
      : []),
  ];
}

/** The members of each update's mini-batch; empty where all are in each. */
function batchesOf(experiment: Experiment): string[] {
  const batches: string[] = [];
  for (let step = 0; step < experiment.optimizer.steps; step++) {
    const members = miniBatch(experiment, step);
    if (!members) break;
    if (batches.length * members.length > mostListed)
      throw new ExperimentError('optimizer.batchSize', 'draws more mini-batches than a script can list. Export a run with fewer steps.');
    batches.push(`[${members.join(', ')}]`);
  }
  return batches;
}

/** The script of an experiment on groups: best and worst response of each stand in the columns of chosen and rejected ones. */
function groupScript(experiment: Experiment, options: ScriptOptions): string {
  const { policy, optimizer } = experiment;
  const groups = (experiment.groups ?? []).map(orderGroup);
  const compiled = compileLoss(resolveLoss(experiment.objective, 'groups'));
  validateGroupInputs(compiled, experiment.groups ?? []);
  const loss = groupsPython(resolveLoss(experiment.objective, 'groups'), docstring(options.objective));
  const definition = definePolicy(policy, experiment.seed);
  const python = policyPython(policy);
  const { logits, offset } = python;
  const responses = groups.flatMap(({ responses }) => responses);
  const given = loss.columns.filter((name): name is Exclude<GroupColumn, 'ref' | 'prev'> => name !== 'ref' && name !== 'prev');
  const packed = packGroupInputs({ ...compiled, inputs: given }, groups, new Float64Array(responses.length), []);
  const batches = batchesOf(experiment);
  const settings = updateSettings(optimizer);
  const { make, update } = updateLines(experiment, settings, { batched: batches.length > 0, read: '' });
  const isOutcome = definition.response === 'outcome';
  const names = options.outcomes ?? Array.from({ length: definition.columns }, (_, y) => String(y));
  const outcomes = isOutcome
    ? Array.from({ length: definition.prompts }, (_, prompt) =>
        names.map((name) => (definition.prompts === 1 ? name : `${prompt}_${name}`)),
      )
    : [];
  const columns = trajectoryColumns({ pairs: groups.length, outcomes: outcomes.flat(), detail: 'pairs', geometry: false });
  const record = experiment.record ?? readableSteps(optimizer.steps);
  const row = offset ? 'torch.arange(len(ROWS))' : 'ROWS';
  const own = ownReferenceOf(experiment, definition);
  const began = own ? 'BEGAN' : 'REF';
  const body = [
    ...policyLines(python, definition),
    '',
    '',
    '# (prompt, tokens of each response, best first)',
    `GROUPS = ${list(groups.map(({ prompt, responses: own }) => `(${prompt}, ${list(own.map((response) => tuple(tokensOf(response))))})`))}`,
    `WEIGHTS = torch.tensor(${numbers(groups.map(({ weight }) => weight))}, dtype=torch.float64)`,
    ...(batches.length > 0 ? ['# the groups of each update', `BATCHES = ${list(batches)}`] : []),
    `STEPS = ${optimizer.steps}`,
    `RECORDED = ${numbers([...new Set(record)].sort((a, b) => a - b))}`,
    `COLUMNS = ${list(columns.map(text))}`,
    '',
    '# Every response: its group, and its place in it; which responses are of one group, and where each group begins and ends.',
    'RESPONSES = [(x, y) for x, ys in GROUPS for y in ys]',
    'GROUP_OF = torch.tensor([g for g, (_, ys) in enumerate(GROUPS) for _ in ys])',
    'PLACES = torch.tensor([place for _, ys in GROUPS for place in range(len(ys))])',
    'SIBLINGS = GROUP_OF[:, None] == GROUP_OF[None, :]',
    'FIRST = (PLACES == 0).nonzero().flatten()',
    'LAST = torch.cat([FIRST[1:] - 1, torch.tensor([len(PLACES) - 1])])',
    ...given.map(
      (name, column) =>
        `${name.toUpperCase()} = torch.tensor(${numbers(responses.map((_, index) => packed[index * given.length + column] ?? Number.NaN))}, dtype=torch.float64)`,
    ),
    '# Every position of every response: the row of logits that it reads, its token, and whose it is.',
    'POSITIONS = [(context(x, y, t), y[t], owner) for owner, (x, y) in enumerate(RESPONSES) for t in range(len(y))]',
    'ROWS, TOKENS, OWNERS = torch.tensor(POSITIONS).T',
    ...(offset ? ['OFFSET_ROWS = torch.stack([offset(x, y, t) for x, y in RESPONSES for t in range(len(y))])'] : []),
    '',
    '',
    'def log_policy():',
    `    """log pi${offset ? ' at every position [positions, V]' : ' for every row of logits [rows, V]'}."""`,
    `    return F.log_softmax(${offset ? `(${logits})[ROWS] + OFFSET_ROWS` : logits}, dim=-1)`,
    '',
    '',
    'def forward():',
    '    """log pi of every token of every response [tokens]."""',
    `    return log_policy()[${row}, TOKENS]`,
    '',
    '',
    'def summed(tokens):',
    '    """log pi of every response [responses]."""',
    '    return torch.zeros(len(PLACES)).index_add(0, OWNERS, tokens)',
    '',
    '',
    `# ${own ? 'What' : 'The reference, and what'} the responses were sampled from${own ? '' : ','} is the policy before training.`,
    'with torch.no_grad():',
    '    START = forward()',
    `    ${began} = summed(START)`,
    ...(loss.columns.includes('prev') ? [`PREV = ${began}`] : []),
    ...(loss.readsTokens ? [own ? 'PREV_T = START' : 'REF_T = PREV_T = START'] : []),
    ...(own
      ? [
          ...own.lines,
          'def look_at_reference():',
          '    """The log-probs under the reference as it is now."""',
          '    global REF, REF_T',
          '    REF_T = as_reference(forward)',
          '    REF = summed(REF_T)',
          '',
          '',
          'look_at_reference()',
        ]
      : []),
    '',
    '',
    ...loss.lines,
    '',
    '',
    'def record(step, each, tokens):',
    '    """One line of the table: the best and the worst response of each group."""',
    '    best, worst = summed(tokens)[FIRST], summed(tokens)[LAST]',
    `    margin = best - worst - (${began}[FIRST] - ${began}[LAST])`,
    '    line = [step, (WEIGHTS * each).mean().item()]',
    '    line += torch.stack([best, worst, margin], dim=1).flatten().tolist()',
    ...(isOutcome ? ['    logp = log_policy().flatten()', '    line += logp.tolist() + logp.exp().tolist()'] : []),
    '    return line',
    '',
    '',
    'def main():',
    '    table = csv.writer(sys.stdout)',
    '    table.writerow(COLUMNS)',
    ...indent(make),
    '    for step in range(STEPS + 1):',
    '        tokens = forward()',
    '        each = losses(tokens)',
    '        if step in RECORDED:',
    '            table.writerow(record(step, each, tokens))',
    '        if step == STEPS:',
    '            break',
    ...indent(
      update.map((line) => line.replace('PAIR_WEIGHTS', 'WEIGHTS')),
      8,
    ),
    ...(own?.moves ? indent(followLines, 8) : []),
  ];
  return pythonFile(options, { usage: scriptUsage, numbers: 'float64', body });
}

const scriptUsage = [
  'The same run as on the page, in float64 on the CPU. Needs PyTorch alone; writes one line of CSV for each recorded step:',
  '',
  '    python this_file.py > trajectory.csv',
];

/**
 * A Python script that trains the experiment with PyTorch in float64 on a CPU and writes the run as CSV to its standard output, with the
 * columns of `trajectoryColumns`. Throws an ExperimentError or an ObjectiveError for what cannot be trained, or not be written this way.
 */
export function pytorchScript(described: Experiment, options: ScriptOptions): string {
  if (described.stages && described.stages.length > 0)
    throw new ExperimentError('stages', 'are not written as a PyTorch script: export each stage by itself.');
  const given = resolveData(described);
  validateExperiment(given);
  const onPairs = asPairs(given);
  if (!onPairs) return groupScript(given, options);
  const { experiment, spec } = onPairs;
  const { policy, pairs, optimizer } = experiment;
  validateMiniBatches(experiment, compileLoss(spec));
  const { loss, values, ldAlpha } = spec;
  const definition = definePolicy(policy, experiment.seed);
  const python = policyPython(policy);
  const objective = objectivePython(loss, values, [
    `${docstring(options.objective)}: the loss of each ${given.groups ? 'group of two, the better response as the chosen one' : 'pair'}.`,
  ]);
  const { inputs } = objective;
  const { columns: known, missing } = experimentColumns(experiment, [], []);
  for (const name of inputs) if (name !== 'logp_w' && name !== 'logp_l' && !isBatchStatistic(name) && !known[name]) throw missing(name);

  const batches = batchesOf(experiment);
  const isOutcome = definition.response === 'outcome';
  const names = options.outcomes ?? Array.from({ length: definition.columns }, (_, y) => String(y));
  const { detail = 'pairs', geometry = false } = options;
  const outcomes = !isOutcome
    ? []
    : Array.from({ length: definition.prompts }, (_, prompt) =>
        names.map((name) => (definition.prompts === 1 ? name : `${prompt}_${name}`)),
      );
  const columns = trajectoryColumns({ pairs: pairs.length, outcomes: outcomes.flat(), detail, geometry });
  const record = experiment.record ?? readableSteps(optimizer.steps);
  const isEvery = record.length === optimizer.steps + 1;
  const settings = updateSettings(optimizer);
  const statistics = statisticsPython(inputs);
  const isRunning = inputs.includes('mean_logratio');
  // With LD-DPO the loss reads other sums than those that are recorded.
  const read = ldAlpha === null ? 'logp' : 'counted';
  const own = ownReferenceOf(experiment, definition);
  // what margins are recorded against: the policy before training
  const start = ldAlpha === null && !own ? 'ref' : 'start';
  const prev = !own ? 'ref' : ldAlpha === null ? 'start' : 'began';
  const counting = ldAlpha === null ? '' : 'TOKEN_WEIGHTS';
  const { make, update } = updateLines(experiment, settings, { batched: batches.length > 0, read });

  const body = [
    ...policyLines(python, definition),
    '',
    '',
    '# (prompt, tokens of the chosen response, tokens of the rejected response)',
    `PAIRS = ${list(pairs.map(({ prompt, chosen, rejected }) => `(${prompt}, ${tuple(tokensOf(chosen))}, ${tuple(tokensOf(rejected))})`))}`,
    `PAIR_WEIGHTS = ${pairs.every(({ weight = 1 }) => weight === 1) ? 'torch.ones(len(PAIRS))' : `torch.tensor(${numbers(pairs.map(({ weight = 1 }) => weight))}, dtype=torch.float64)`}`,
    ...(batches.length > 0 ? ['# the pairs of each update', `BATCHES = ${list(batches)}`] : []),
    `STEPS = ${optimizer.steps}`,
    `RECORDED = ${isEvery ? 'range(STEPS + 1)' : numbers([...new Set(record)].sort((a, b) => a - b))}`,
    `COLUMNS = ${list(columns.map(text))}`,
    '',
    '',
    ...objective.lines,
    '',
    '',
    ...forwardLines(python, inputs, ldAlpha),
    ...(own
      ? [
          'with torch.no_grad():',
          '    start_w, start_l = forward()',
          ...(ldAlpha === null ? [] : [`    began_w, began_l = forward(${counting})`]),
          ...own.lines,
          'def look_at_reference():',
          '    """The log-probs under the reference as it is now."""',
          '    global ref_w, ref_l',
          `    ref_w, ref_l = as_reference(lambda: forward(${counting}))`,
          '',
          '',
          'look_at_reference()',
        ]
      : [
          '# The reference is the policy before training.',
          'with torch.no_grad():',
          `    ref_w, ref_l = forward(${counting})`,
          ...(ldAlpha === null ? [] : ['    start_w, start_l = forward()']),
        ]),
    ...inputLines(inputs, experiment, prev),
    ...(isRunning ? ['seen = [0.0, 0]  # mean and number of the log-ratios of all earlier updates', 'pending = list(seen)'] : []),
    '',
    '',
    ...statisticsHelpers(inputs),
    'def losses(logp_w, logp_l):',
    '    """The loss of each pair [pairs]."""',
    ...indent(statistics),
    ...(isRunning ? ['    pending[:] = [now_mean, now_seen]'] : []),
    ...(inputs.includes('wpo_weight') ? ['    wpo_weight = on_policy_weight()'] : []),
    `    return loss_of(${inputs.join(', ')})`,
    '',
    '',
    ...(findOptimizer(optimizer.kind)?.normalisesPairs ? normalisedPair : []),
    ...(geometry ? geometryLines : []),
    'def record(step, each, logp_w, logp_l):',
    '    """One line of the table."""',
    '    line = [step, (PAIR_WEIGHTS * each).mean().item()]',
    ...(detail === 'pairs'
      ? [
          `    margin = logp_w - logp_l - (${start}_w - ${start}_l)`,
          '    line += torch.stack([logp_w, logp_l, margin], dim=1).flatten().tolist()',
        ]
      : [
          `    change = logp_w - ${start}_w`,
          '    line += [logp_w.mean().item(), logp_l.mean().item(), int((change < 0).sum()), *change.tolist()]',
        ]),
    ...(isOutcome ? ['    logp = log_policy().flatten()', '    line += logp.tolist() + logp.exp().tolist()'] : []),
    ...(geometry ? ['    line += geometry(logp_w[0], logp_l[0])'] : []),
    '    return line',
    '',
    '',
    'def main():',
    '    table = csv.writer(sys.stdout)',
    '    table.writerow(COLUMNS)',
    ...indent(make),
    '    for step in range(STEPS + 1):',
    '        logp_w, logp_l = forward()',
    ...(ldAlpha === null ? [] : ['        counted_w, counted_l = forward(TOKEN_WEIGHTS)']),
    `        each = losses(${read}_w, ${read}_l)`,
    '        if step in RECORDED:',
    '            table.writerow(record(step, each, logp_w, logp_l))',
    '        if step == STEPS:',
    '            break',
    ...indent(update, 8),
    ...(isRunning ? ['        seen[:] = pending'] : []),
    ...(own?.moves ? indent(followLines, 8) : []),
  ];
  return pythonFile(options, {
    usage: scriptUsage,
    numbers: 'float64',
    body,
  });
}
