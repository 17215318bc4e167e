import { ExperimentError } from '../../core/errors.ts';
import type { FlowExperiment } from '../../core/flow.ts';
import { list, number, numbers, text } from '../../core/python-literals.ts';
import type { PairInput } from '../../objectives/inputs.ts';
import { expandChoice } from '../../objectives/resolve.ts';
import { objectivePython, statisticsHelpers, statisticsPython } from '../../objectives/text/python.ts';
import type { ScriptOptions } from '../../shell/exports/export-pytorch.ts';
import { docstring, indent, pythonFile } from '../../shell/exports/python-file.ts';
import { lossOfDraws } from '../../train/flow-of-draws.ts';

/** Columns of a line of a flow: one row for each point. */
export const flowColumns = (corners: readonly string[]): string[] => [
  'point',
  'time',
  ...corners.map((name) => `p_${name}`),
  'chosen_rate',
];

/** Which inputs a loss of one pair of single tokens reads beside the two log-probs, and as what. */
function inputLines(inputs: readonly PairInput[], { rewards, label, weight = 1 }: FlowExperiment['pairs'][number]): string[] {
  const given = (value: number | undefined) => `torch.tensor([${number(value ?? Number.NaN)}], dtype=torch.float64)`;
  const all: readonly (readonly [PairInput, string])[] = [
    ['len_w', given(1)],
    ['len_l', given(1)],
    ['mean_len_w', given(1)],
    ['prev_w', 'ref_w  # one iteration: the previous iterate is the reference'],
    ['prev_l', 'ref_l'],
    ['reward_w', given(rewards?.[0])],
    ['reward_l', given(rewards?.[1])],
    ['label', given(label)],
    ['weight', given(weight)],
  ];
  return all.flatMap(([name, value]) => (inputs.includes(name) ? [`${name} = ${value}`] : []));
}

/** All ordered draws of two answers, and what the loss reads of them. */
const drawLines = (inputs: readonly PairInput[], rewards: readonly number[]): string[] => [
  '# every group of two answers that can be drawn, in the order of the draw',
  `FIRST, SECOND = torch.cartesian_prod(torch.arange(${rewards.length}), torch.arange(${rewards.length})).T`,
  `REWARDS = torch.tensor(${numbers(rewards)}, dtype=torch.float64)`,
  'ref_w, ref_l = REFERENCE[FIRST], REFERENCE[SECOND]',
  'reward_w, reward_l = REWARDS[FIRST], REWARDS[SECOND]',
  ...(['len_w', 'len_l', 'mean_len_w'] as const)
    .filter((name) => inputs.includes(name))
    .map((name) => `${name} = torch.ones_like(reward_w)`),
];

/** The log-probs that the second answer is drawn by. */
const secondLaw = (mixture: number): string[] =>
  mixture === 0
    ? ['    second = logp.detach()']
    : [`    second = F.log_softmax(${number(1 - mixture)} * logp.detach() + ${number(mixture)} * REFERENCE, dim=-1)`];

/**
 * A Python script that follows the first line of a flow whose hidden vector alone is trained, by the steps of the engine, with the gradient
 * of autograd; it writes the columns of `flowColumns` until the line rests.
 */
export function flowScript(
  { policy, referenceLogps = [], pairs, rewards, objective: choice, corners, starts, clock, size, steps }: FlowExperiment,
  options: Pick<ScriptOptions, 'title' | 'notes' | 'objective'> & { readonly corners: readonly string[] },
): string {
  const [pair] = pairs;
  if (policy.kind !== 'features' || policy.train !== 'hidden' || clock !== 'length' || !pair)
    throw new ExperimentError('policy', 'is not written as a script of its flow: that trains the hidden vector alone.');
  const drawn = rewards ? lossOfDraws(choice) : null;
  const { loss, values } = drawn ?? expandChoice(choice);
  const objective = objectivePython(loss, values, [
    `${docstring(options.objective)}: the loss of ${drawn ? 'each group of two, the answer that was drawn first as w' : 'the pair'}.`,
  ]);
  const { inputs } = objective;
  const { weight = 1 } = pair;
  const body = [
    '# The policy: logits = START + W h, where the hidden vector h alone is trained and begins at 0.',
    `W = torch.tensor(${list(policy.unembedding.map(numbers))}, dtype=torch.float64)`,
    `START = torch.tensor(${numbers(Array.from(starts).slice(0, policy.unembedding.length))}, dtype=torch.float64)`,
    `REFERENCE = torch.tensor(${numbers(referenceLogps)}, dtype=torch.float64)`,
    '# the corner of the triangle that each answer is counted in',
    `CORNERS = torch.tensor([${corners.join(', ')}])`,
    `CHOSEN, REJECTED = ${pair.chosen}, ${pair.rejected}`,
    '# a step advances by SIZE in a triangle of side 1, unless a log-prob would move by more than MOST nats',
    `STEPS, SIZE, MOST, RETRIES = ${steps}, ${size}, 0.5, 3`,
    `COLUMNS = ${list(flowColumns(options.corners).map(text))}`,
    '',
    '',
    ...objective.lines,
    '',
    '',
    ...(rewards && drawn
      ? drawLines(inputs, rewards)
      : ['ref_w, ref_l = REFERENCE[[CHOSEN]], REFERENCE[[REJECTED]]', ...inputLines(inputs, pair)]),
    ...(inputs.includes('mean_logratio') ? ['seen = [0.0, 0]  # nothing was trained before'] : []),
    '',
    '',
    ...statisticsHelpers(inputs),
    'def flow(logits):',
    '    """log pi, its velocity, and that of the three corners, where gradient descent begins at these logits."""',
    '    hidden = torch.zeros(W.shape[1], requires_grad=True)',
    '    logp = F.log_softmax(logits + W @ hidden, dim=-1)',
    ...(drawn
      ? [
          '    # groups are new: what they were drawn from is the present policy, as a constant',
          '    logp_w, logp_l = logp[FIRST], logp[SECOND]',
          '    prev_w, prev_l = logp_w.detach(), logp_l.detach()',
          ...secondLaw(drawn.mixture),
          '    chance = (prev_w + second[SECOND]).exp()',
        ]
      : ['    logp_w, logp_l = logp[[CHOSEN]], logp[[REJECTED]]']),
    ...indent(statisticsPython(inputs)),
    ...(inputs.includes('wpo_weight')
      ? [
          '    # WPO (arXiv:2406.11827): how on-policy the pair is, as a constant',
          '    wpo_weight = (logp_w + logp_l - 2 * torch.logsumexp(2 * logp, dim=-1)).exp().detach()',
        ]
      : []),
    `    loss = ${weight === 1 ? '' : `${number(weight)} * `}${drawn ? `(chance * loss_of(${inputs.join(', ')}))` : `loss_of(${inputs.join(', ')})`}.sum()`,
    '    (gradient,) = torch.autograd.grad(loss, hidden)',
    '    logp = logp.detach()',
    '    moved = -W @ gradient',
    '    rates = moved - logp.exp() @ moved',
    '    return logp, rates, torch.zeros(3).index_add(0, CORNERS, logp.exp() * rates)',
    '',
    '',
    'def time_of_step(rates, velocity):',
    '    speed = (0.5 * (velocity**2).sum()).sqrt().item()',
    '    fastest = rates.abs().max().item()',
    '    return min(SIZE / speed, MOST / fastest) if speed > 0 and fastest > 0 else 0.0',
    '',
    '',
    'def advance(logp, rates, velocity, h):',
    '    """One Runge-Kutta step of fourth order and the time it took; None where the flow turns about within the smallest step."""',
    '    for _ in range(RETRIES + 1):',
    '        mixed, along = rates, rates',
    '        for share, part in (0.5, 2), (0.5, 2), (1.0, 1):',
    '            _, along, towards = flow(logp + share * h * along)',
    '            if (velocity @ towards).item() < 0:',
    '                break',
    '            mixed = mixed + part * along',
    '        else:',
    '            return flow(logp + h / 6 * mixed), h',
    '        h /= 4',
    '    return None',
    '',
    '',
    'def main():',
    '    table = csv.writer(sys.stdout)',
    '    table.writerow(COLUMNS)',
    '    time = 0.0',
    '    state = flow(START)',
    '    for point in range(STEPS + 1):',
    '        logp, rates, velocity = state',
    '        shares = torch.zeros(3).index_add(0, CORNERS, logp.exp())',
    '        table.writerow([point, time, *shares.tolist(), rates[CHOSEN].item()])',
    '        h = time_of_step(rates, velocity)',
    '        step = advance(logp, rates, velocity, h) if h > 0 else None',
    '        if step is None or not step[0][2].isfinite().all():',
    '            break  # the flow vanishes, turns about or has no finite slope: the line rests',
    '        state, h = step',
    '        time += h',
  ];
  return pythonFile(options, {
    usage: [
      'The same line as on the page, in float64 on the CPU. A small step of gradient descent with learning rate r takes r of time.',
      'Needs PyTorch alone; writes one line of CSV for each point:',
      '',
      '    python this_file.py > line.csv',
    ],
    numbers: 'float64',
    body,
  });
}
