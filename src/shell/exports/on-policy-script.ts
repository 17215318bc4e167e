import { ExperimentError } from '../../core/errors.ts';
import type { OnPolicyExperiment, OnPolicyLoss } from '../../core/on-policy.ts';
import { updateSettings } from '../../core/optimizer.ts';
import { list, matrix, number, text } from '../../core/python-literals.ts';
import { streams } from '../../core/rng.ts';
import type { GroupColumn } from '../../objectives/group-inputs.ts';
import type { PairInput } from '../../objectives/inputs.ts';
import { resolveLoss } from '../../objectives/loss-spec.ts';
import { objectivePython } from '../../objectives/text/python.ts';
import '../../policies/further-kinds.ts';
import { definePolicy, policyPython } from '../../policies/kinds.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import type { CompiledOnPolicyLoss } from '../../train/on-policy/on-policy-loss.ts';
import { validateOnPolicy } from '../../train/on-policy/validate-on-policy.ts';
import { syncOf } from '../../train/own-reference.ts';
import { optimizerLines, policyLines, type ScriptOptions } from './export-pytorch.ts';
import { groupsPython } from './groups-script.ts';
import { docstring, indent, pythonFile } from './python-file.ts';
import { referenceHolder } from './reference-script.ts';

/** The numbers of tries of which the script tells the best reward. */
const tries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] as const;

/** Columns of a run that samples: one row for the state at the start and after each round. */
export const onPolicyColumns: readonly string[] = [
  ...['update', 'answers_drawn', 'expected_reward', 'entropy', 'kl_to_start'],
  ...tries.map((k) => `best_of_${k}`),
];

/** What a loss reads of the responses [groups, N] of a round, best first, by the column's name. */
const ofResponses: Readonly<Partial<Record<GroupColumn, string>>> = {
  ref: 'REFERENCE[prompts, answers]',
  prev: 'now[prompts, answers]',
  len: 'torch.ones_like(rewards)',
  place: 'torch.arange(1.0, N + 1).expand_as(rewards)',
  rank: '1.0 + (rewards[:, None, :] > rewards[:, :, None]).sum(dim=2)',
  reward: 'rewards',
  count: 'torch.full_like(rewards, N)',
  ordered_pairs: '((rewards[:, None, :] != rewards[:, :, None]).sum(dim=(1, 2)) / 2)[:, None].expand_as(rewards)',
  mean_reward: 'rewards.mean(dim=1, keepdim=True).expand_as(rewards)',
  reward_deviation: 'deviation(rewards, 1)',
  lowest_reward: 'rewards.min(dim=1, keepdim=True).values.expand_as(rewards)',
  batch_mean: 'rewards.mean().expand_as(rewards)',
  batch_deviation: 'deviation(rewards, (0, 1))',
  batch_size: 'torch.full_like(rewards, rewards.numel())',
  mean_tokens: 'torch.full_like(rewards, N)',
  longest: 'torch.ones_like(rewards)',
  opponent: 'opponent',
  opponents: 'opponent.sum(dim=1, keepdim=True).expand_as(rewards)',
};

/** What a loss reads of the pairs of a round, beside the two log-probs of the policy. */
const ofPairs: Readonly<Partial<Record<PairInput, string>>> = {
  ref_w: 'REFERENCE[PROMPTS_OF, BETTER]',
  ref_l: 'REFERENCE[PROMPTS_OF, WORSE]',
  prev_w: 'NOW[PROMPTS_OF, BETTER]',
  prev_l: 'NOW[PROMPTS_OF, WORSE]',
};

/** Where a loss is computed: definitions, the names that a round sets, how it sets them, and `each`, the loss of every group or pair. */
interface LossLines {
  readonly define: readonly string[];
  readonly names: readonly string[];
  /** from prompts, answers and rewards [groups, N] as they were drawn, and now [prompts, answers] */
  readonly set: readonly string[];
  /** null: always; else a condition under which there is something to train on */
  readonly when: string | null;
  readonly each: string;
  /** the names among them that are set anew where the reference has moved */
  readonly ofReference: readonly string[];
}

function linesOfGroups({ objective }: OnPolicyLoss, about: string): LossLines {
  const loss = groupsPython(resolveLoss(objective, 'groups'), about);
  const columns = loss.columns.map((column): [string, string] => {
    const value = ofResponses[column];
    if (!value) throw new ExperimentError('method.objective', `reads ${column}, which is not written as a script that samples.`);
    return [column.toUpperCase(), `(${value}).flatten()`];
  });
  const tokens = loss.readsTokens
    ? ([
        ['REF_T', 'REFERENCE[prompts, answers].flatten()'],
        ['PREV_T', 'now[prompts, answers].flatten()'],
      ] as const)
    : [];
  const all = [['PROMPTS_OF', 'prompts.flatten()'] as const, ['ANSWERS', 'answers.flatten()'] as const, ...columns, ...tokens];
  return {
    define: [
      '# Every response is one token: its group, its place in it, and which responses are of one group.',
      'GROUPS = range(PROMPTS * PER_PROMPT)',
      'GROUP_OF = torch.arange(len(GROUPS)).repeat_interleave(N)',
      'PLACES = torch.arange(N).repeat(len(GROUPS))',
      'OWNERS = torch.arange(len(PLACES))',
      'SIBLINGS = GROUP_OF[:, None] == GROUP_OF[None, :]',
      '',
      '',
      'def deviation(rewards, dims):',
      '    """The standard deviation, as it is estimated from a sample; 0 of one reward."""',
      '    count = rewards.shape[1] if dims == 1 else rewards.numel()',
      '    squares = ((rewards - rewards.mean(dim=dims, keepdim=True)) ** 2).sum(dim=dims, keepdim=True)',
      '    return (squares / max(1, count - 1)).sqrt().expand_as(rewards)',
      '',
      '',
      ...loss.lines,
    ],
    names: all.map(([name]) => name),
    set: [
      'order = rewards.argsort(dim=1, descending=True, stable=True)  # best first',
      'answers, rewards = answers.gather(1, order), rewards.gather(1, order)',
      ...all.map(([name, value]) => `${name} = ${value}`),
    ],
    when: null,
    each: 'losses(log_policy()[PROMPTS_OF, ANSWERS])',
    ofReference: all.map(([name]) => name).filter((name) => name === 'REF' || name === 'REF_T'),
  };
}

function linesOfPairs({ objective: choice, pairs }: OnPolicyLoss, about: string): LossLines {
  const { loss, values, ldAlpha } = resolveLoss(choice, 'pairs');
  const objective = objectivePython(loss, values, [`${about}: the loss of each pair.`]);
  const inputs = objective.inputs.filter((name) => name !== 'logp_w' && name !== 'logp_l');
  const foreign = ldAlpha === null ? inputs.find((name) => !ofPairs[name]) : 'ldAlpha';
  if (foreign) throw new ExperimentError('method.objective', `reads ${foreign}, which is not written as a script that samples.`);
  return {
    define: [
      ...objective.lines,
      '',
      '',
      'def losses():',
      '    """The loss of each pair [pairs]."""',
      '    logp = log_policy()',
      '    logp_w, logp_l = logp[PROMPTS_OF, BETTER], logp[PROMPTS_OF, WORSE]',
      ...inputs.map((name) => `    ${name} = ${ofPairs[name]}`),
      `    return loss_of(${objective.inputs.join(', ')})`,
    ],
    names: ['PROMPTS_OF', 'BETTER', 'WORSE', 'NOW'],
    set: [
      '# all pairs of a group whose rewards are far enough apart, but of a response with itself',
      'first, second = torch.triu_indices(N, N, 1)',
      'leads = rewards[:, first] >= rewards[:, second]',
      `apart = (rewards[:, first] - rewards[:, second]).abs() >= ${number(pairs?.threshold ?? 0)}`,
      'kept = apart & (answers[:, first] != answers[:, second])',
      'PROMPTS_OF = prompts[:, first][kept]',
      'BETTER = torch.where(leads, answers[:, first], answers[:, second])[kept]',
      'WORSE = torch.where(leads, answers[:, second], answers[:, first])[kept]',
      'NOW = now',
    ],
    when: 'len(BETTER) > 0',
    each: 'losses()',
    ofReference: [], // `losses` looks them up itself
  };
}

/** The page's random numbers. */
const philox = [
  'def philox(counter, key):',
  '    """Philox4x32-10 (Salmon et al., SC 2011): four words of 32 bits from a counter and a key."""',
  '    (c0, c1, c2, c3), (k0, k1) = counter, key',
  '    for _ in range(10):',
  '        a, b = 0xD2511F53 * c0, 0xCD9E8D57 * c2',
  '        c0, c1, c2, c3 = (b >> 32) ^ c1 ^ k0, b & 0xFFFFFFFF, (a >> 32) ^ c3 ^ k1, a & 0xFFFFFFFF',
  '        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF',
  '    return [c0, c1, c2, c3]',
  '',
  '',
  `def draw(logp, batch, n, stream=${streams.sampling}):`,
  '    """Answers [prompts, PER_PROMPT * n], drawn by inverting the distribution function of each prompt."""',
  '    count = PROMPTS * PER_PROMPT * n',
  '    words = [word for block in range((count + 3) // 4) for word in philox([block, batch, 0, 0], [SEED, stream])]',
  '    uniform = torch.tensor([(word >> 8) * 2.0**-24 for word in words[:count]]).view(PROMPTS, -1)',
  '    probs = logp.exp()',
  '    drawn = torch.searchsorted(probs.cumsum(dim=1), uniform, right=True)',
  '    last = (torch.arange(probs.shape[1]) * (probs > 0)).max(dim=1, keepdim=True).values',
  '    return torch.minimum(drawn, last)  # where rounding leaves the sum below 1, the last that can occur',
];

/** Half of each group, rounded down and drawn last, from a mixture of the policy and its reference: how they are drawn, and told apart. */
function opponentLines(
  { sampling }: OnPolicyExperiment,
  compiled: CompiledOnPolicyLoss,
  source: string,
  batch: string,
): { readonly drawn: readonly string[]; readonly told: readonly string[] } | null {
  if (compiled.over === 'pairs' || compiled.mixtureCoef === null) return null;
  const coefficient = sampling.mixtureCoef ?? compiled.mixtureCoef;
  const law =
    coefficient === 0
      ? 'now'
      : coefficient === 1
        ? 'REFERENCE'
        : `F.log_softmax(${number(1 - coefficient)} * now + ${number(coefficient)} * REFERENCE, dim=-1)`;
  const rest = Math.floor(sampling.n / 2);
  return {
    drawn: [
      `own = draw(${source}, ${batch}, ${sampling.n - rest}).view(-1, ${sampling.n - rest})`,
      `others = draw(${law}, ${batch}, ${rest}, ${streams.opponents}).view(-1, ${rest})`,
      'answers = torch.cat([own, others], dim=1)',
    ],
    told: [
      `opponent = (torch.arange(N) >= ${sampling.n - rest}).double().expand(len(answers), N)`,
      'opponent = opponent.gather(1, rewards.argsort(dim=1, descending=True, stable=True))',
    ],
  };
}

/** A reference that is another policy, or moves: its parameters, its log-probs, and how it follows. */
function referenceLines(
  { reference, syncReference }: OnPolicyExperiment,
  { ofReference }: LossLines,
  { parameters }: PolicyDefinition,
): string[] {
  if (!reference && !syncReference) return [];
  const given = reference ? definePolicy({ ...reference, noise: 0 }).parameters : null;
  const follow = syncReference ? syncOf(syncReference) : null;
  return [
    ...referenceHolder(parameters, given, follow),
    '# log pi_ref of every answer [prompts, answers]',
    'REFERENCE = as_reference(log_policy)',
    '',
    '',
    ...(follow
      ? [
          'def follow(updates):',
          '    """Looks again at a reference that has moved."""',
          `    global ${['REFERENCE', ...ofReference].join(', ')}`,
          '    if not move_reference(updates):',
          '        return',
          '    REFERENCE = as_reference(log_policy)',
          ...ofReference.map((name) => `    ${name} = REFERENCE[PROMPTS_OF, ANSWERS]`),
          '',
          '',
        ]
      : []),
  ];
}

const stateLines = [
  'def best_of(p, k):',
  '    """Expected reward of the best of k answers, exactly; with rewards of 1 and 0 that one of k is right: pass@k."""',
  '    rewards, order = REWARDS.sort(dim=1)',
  '    below = p.gather(1, order).cumsum(dim=1).clamp(max=1.0)',
  '    # 1 - sum of the steps between rewards, each times the probability that all k stay below it',
  '    steps = rewards[:, 1:] - rewards[:, :-1]',
  '    return (rewards[:, -1] - (steps * below[:, :-1] ** k).sum(dim=1)).mean().item()',
  '',
  '',
  'def state(update):',
  '    """One line of the table: exact numbers of the policy, means over prompts."""',
  '    with torch.no_grad():',
  '        logp = log_policy()',
  '        p = logp.exp()',
  '        line = [update, update // UPDATES * PROMPTS * PER_PROMPT * N]',
  '        logp = torch.where(p > 0, logp, 0.0)  # what cannot occur adds nothing',
  '        line += [(p * REWARDS).sum(dim=1).mean().item(), -(p * logp).sum(dim=1).mean().item()]',
  '        line += [(p * (logp - torch.where(p > 0, START, 0.0))).sum(dim=1).mean().item()]',
  `        return line + [best_of(p, k) for k in (${tries.join(', ')})]`,
];

/**
 * A Python script that trains an experiment that samples, with PyTorch in float64 on a CPU and the random numbers of the engine, and writes
 * `onPolicyColumns` as CSV to its standard output. Throws an ExperimentError or an ObjectiveError for what cannot be trained, or not be
 * written this way: verdicts, a reference that is reset, groups left out, and `normalised-pair`.
 */
export function onPolicyScript(experiment: OnPolicyExperiment, options: ScriptOptions): string {
  const { policy, rewards, method, sampling, klPenalty = 0, optimizer, seed = 0 } = experiment;
  const compiled = validateOnPolicy(experiment);
  const settings = updateSettings({ ...optimizer, steps: sampling.updates });
  const given: Readonly<Record<string, unknown>> = {
    verdicts: experiment.verdicts,
    resetReference: experiment.resetReference,
    'sampling.dropEqualRewards': sampling.dropEqualRewards,
    'method.kind': 'kind' in method,
  };
  const unwritten = Object.keys(given).find((path) => given[path]);
  if (unwritten || optimizer.kind === 'normalised-pair' || 'kind' in method)
    throw new ExperimentError(unwritten ?? 'optimizer.kind', 'is not written as a PyTorch script that samples; leave it out.');
  const definition = definePolicy(policy, seed);
  const python = policyPython(policy);
  const loss = (method.pairs ? linesOfPairs : linesOfGroups)(method, docstring(options.objective));
  const { make, decay } = optimizerLines(settings);
  const source = sampling.sampler ? 'SAMPLER' : sampling.source === 'start' ? 'START' : 'now';
  const columns = rewards[0]?.length ?? 0;
  const batch = sampling.once ? '0' : 'batch';
  const opponents = opponentLines(experiment, compiled, source, batch);
  const { lmbda = 1 } = sampling;
  const own = referenceLines(experiment, loss, definition);
  const update = ['optimizer.zero_grad()', `${loss.each}.mean().backward()`, ...decay, 'optimizer.step()'];
  const table = (rows: readonly (readonly number[])[]) =>
    `torch.tensor(${matrix(Float64Array.from(rows.flat()), columns)}, dtype=torch.float64)`;
  const body = [
    ...policyLines(python, definition),
    '',
    '',
    '# of every answer to every prompt',
    `REWARDS = ${table(rewards)}`,
    `PROMPTS, PER_PROMPT, N = ${rewards.length}, ${sampling.groups}, ${sampling.n}  # groups drawn to each prompt, and answers in a group`,
    `ROUNDS, UPDATES = ${sampling.rounds}, ${sampling.updates}  # updates on the groups of a round`,
    `SEED = ${seed}`,
    ...(klPenalty === 0 ? [] : [`KL_PENALTY = ${number(klPenalty)}`]),
    ...(lmbda === 1
      ? []
      : [`LMBDA = ${number(lmbda)}  # share of the rounds whose answers are the policy's own; the others' are the reference's`]),
    ...(sampling.sampler ? ['# whose answers are drawn', `SAMPLER = F.log_softmax(${table(sampling.sampler)}, dim=-1)`] : []),
    `COLUMNS = ${list(onPolicyColumns.map(text))}`,
    'ROWS = torch.tensor([context(x, (0,), 0) for x in range(PROMPTS)])',
    ...(python.offset ? ['OFFSET_ROWS = torch.stack([offset(x, (0,), 0) for x in range(PROMPTS)])'] : []),
    '',
    '',
    'def log_policy():',
    '    """log pi of every answer [prompts, answers]."""',
    `    return F.log_softmax((${python.logits})[ROWS]${python.offset ? ' + OFFSET_ROWS' : ''}, dim=-1)`,
    '',
    '',
    'with torch.no_grad():',
    '    START = log_policy()',
    ...(own.length > 0 ? ['', '', ...own] : ['REFERENCE = START', '', '']),
    ...philox,
    '',
    '',
    ...loss.define,
    '',
    '',
    'def sample(batch):',
    '    """Draws the groups of a round, and sets what the loss reads of them."""',
    `    global ${loss.names.join(', ')}`,
    '    with torch.no_grad():',
    ...(lmbda === 1
      ? ['        now = log_policy()']
      : [
          `        first = philox([0, 0, 0, 0], [SEED, ${streams.ownSamples} + 16 * batch])[0]`,
          '        now = log_policy() if (first >> 8) * 2.0**-24 < LMBDA else REFERENCE',
        ]),
    ...indent(opponents ? opponents.drawn : [`answers = draw(${source}, ${batch}, N).view(-1, N)`], 8),
    '        prompts = torch.arange(PROMPTS).repeat_interleave(PER_PROMPT)[:, None].expand_as(answers)',
    '        rewards = REWARDS[prompts, answers]',
    ...(klPenalty === 0 ? [] : [`        rewards = rewards - KL_PENALTY * (${source} - REFERENCE)[prompts, answers]`]),
    ...indent(opponents ? [...opponents.told, ...loss.set] : loss.set, 8),
    '',
    '',
    ...stateLines,
    '',
    '',
    'def main():',
    '    table = csv.writer(sys.stdout)',
    '    table.writerow(COLUMNS)',
    ...indent(make),
    '    table.writerow(state(0))',
    '    for batch in range(ROUNDS):',
    '        sample(batch)',
    ...(experiment.syncReference
      ? [
          '        for update in range(UPDATES):',
          ...(loss.when ? [`            if ${loss.when}:`, ...indent(update, 16)] : indent(update, 12)),
          '            follow(batch * UPDATES + update + 1)',
        ]
      : [`        for _ in range(UPDATES${loss.when ? ` if ${loss.when} else 0` : ''}):`, ...indent(update, 12)]),
    '        table.writerow(state((batch + 1) * UPDATES))',
  ];
  return pythonFile(options, {
    usage: [
      'The same run as on the page, in float64 on the CPU: it draws the answers itself, with the random numbers of the page.',
      'Needs PyTorch alone; writes one line of CSV for the start and after each round:',
      '',
      '    python this_file.py > run.csv',
    ],
    numbers: 'float64',
    body,
  });
}
