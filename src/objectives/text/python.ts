import { substitute } from '../../core/expression/build.ts';
import { type Expression, inputsOf, nodesOf, parameter, parametersOf } from '../../core/expression/expression.ts';
import { toPython } from '../../core/expression/python.ts';
import { isBatchStatistic, objectiveVariables, type PairInput, pairColumns } from '../inputs.ts';

/** Words that a Python function cannot name a parameter: keywords, and what the printed code itself uses. */
const reserved = new Set(
  (
    'and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None ' +
    'nonlocal not or pass raise return True try while with yield abs float max min math torch F inf log1mexp loss_of'
  ).split(' '),
);

/** An objective as a Python function. */
export interface PythonObjective {
  /** lines of `def loss_of(logp_w, logp_l, ..., beta=0.1)`, and of the functions that it needs */
  readonly lines: readonly string[];
  /** its arguments in order, without those that have a default: tensors [pairs] */
  readonly inputs: readonly PairInput[];
  /** whether it calls functions of `math` */
  readonly usesMath: boolean;
}

/** The definition of log1mexp. */
export const log1mexp = [
  'def log1mexp(x):',
  '    """log(1 - exp(x)) for x < 0; each branch sees only what it can take, so that neither spoils the gradient."""',
  '    near = x > -0.693',
  '    by_expm1 = torch.log(-torch.expm1(torch.where(near, x, -torch.ones_like(x))))',
  '    by_log1p = torch.log1p(-torch.exp(torch.where(near, -torch.ones_like(x), x)))',
  '    return torch.where(near, by_expm1, by_log1p)',
  '',
  '',
];

/**
 * The loss of each pair as a function of PyTorch tensors [pairs]; `values` are the defaults of its parameters. The derivative holds all
 * inputs but the two log-probs constant if the caller gives them detached. `about` are lines of its docstring.
 */
export function objectivePython(loss: Expression, values: Readonly<Record<string, number>>, about: readonly string[]): PythonObjective {
  const present = new Set(inputsOf(loss));
  const inputs = ['logp_w' as const, 'logp_l' as const, ...pairColumns.filter((name) => present.has(name))];
  const identifiers: Record<string, string> = {};
  const taken = new Set<string>([...reserved, ...inputs, ...objectiveVariables.map(([name]) => name)]);
  // Inputs and parameters are different things in an expression, and so they are here, whatever a reader calls a parameter.
  const renamed = substitute(loss, (node) => (node.kind === 'parameter' ? parameter(`parameter ${node.name}`) : null));
  const parameters = parametersOf(loss).map((name) => {
    let identifier = name.replaceAll('__', '_').replaceAll(/(?<=[a-z0-9])[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
    while (taken.has(identifier)) identifier += '_';
    taken.add(identifier);
    identifiers[`parameter ${name}`] = identifier;
    return `${identifier}=${values[name] ?? Number.NaN}`;
  });
  const { statements, value } = toPython(renamed, { identifiers, variables: objectiveVariables });
  const text = [...statements, value].join('\n');
  const [summary = 'The loss of each pair.', ...more] = about;
  const docstring = more.length === 0 ? [`"""${summary}"""`] : [`"""${summary}`, '', ...more, '"""'];
  return {
    lines: [
      ...(nodesOf(loss).some((node) => node.kind === 'call' && node.operator === 'log1mexp') ? log1mexp : []),
      `def loss_of(${[...inputs, ...parameters].join(', ')}):`,
      ...[...docstring, ...statements, `return ${value}`].map((line) => (line === '' ? '' : `    ${line}`)),
    ],
    inputs,
    usesMath: text.includes('math.'),
  };
}

const statisticsIn = (inputs: readonly PairInput[]) =>
  inputs.filter((name) => name !== 'logp_w' && name !== 'logp_l' && isBatchStatistic(name));

/** Statements that compute, detached, what of `inputs` depends on the whole batch; each begins where `mean_logratio` left `seen`. */
export function statisticsPython(inputs: readonly PairInput[]): string[] {
  const lines: string[] = [];
  for (const name of statisticsIn(inputs)) lines.push(...(statistics[name] ?? []));
  if (lines.length === 0) return [];
  return ['with torch.no_grad():', ...lines.map((line) => `    ${line}`)];
}

/** How each batch statistic follows from logp_w, logp_l, ref_w and ref_l of all pairs. Ranks are those of a stable ascending sort. */
const statistics: Readonly<Record<string, readonly string[]>> = {
  sorted_ref_margin: ['sorted_ref_margin = (ref_w - ref_l).sort().values[rank(logp_w - logp_l)]'],
  same_rank_logratio_w: ['same_rank_logratio_w = (logp_w - ref_w).sort().values[rank(logp_l - ref_l)]'],
  same_rank_logratio_l: ['same_rank_logratio_l = (logp_l - ref_l).sort().values[rank(logp_w - ref_w)]'],
  kl_baseline: ['kl_baseline = (torch.cat([logp_w - ref_w, logp_l - ref_l]).mean().clamp(min=0.0)).expand_as(logp_w)'],
  mean_logratio: [
    'logratios = torch.cat([logp_w - ref_w, logp_l - ref_l])',
    'now_seen = seen[1] + len(logratios)',
    'now_mean = seen[0] + (logratios.sum() - len(logratios) * seen[0]) / now_seen',
    'mean_logratio = now_mean.expand_as(logp_w)',
  ],
};

/** Lines of the functions that the statements of `statisticsPython` call. */
export const statisticsHelpers = (inputs: readonly PairInput[]): string[] =>
  statisticsIn(inputs).some((name) => name.startsWith('same_rank') || name.startsWith('sorted'))
    ? [
        'def rank(values):',
        '    """Place of each value in ascending order; among equal ones the earlier comes first."""',
        '    return values.sort(stable=True).indices.argsort()',
        '',
        '',
      ]
    : [];
