import type { ObjectiveDefinition } from './define.ts';
import { type GroupLoss, groupInputsOf, groupParametersOf, readGroupLoss } from './group-loss.ts';
import { defaultsOf, type GroupOptions, type OptionValues } from './group-options.ts';
import type { Citation, Need, Objective } from './objective.ts';

/** What a group must provide for an objective. */
export type GroupNeed = Extract<Need, 'reference' | 'previous iterate' | 'lengths' | 'rewards' | 'opponents'>;

/** One objective of whole groups. The loss is its only definition. */
export interface GroupObjective
  extends Citation,
    Pick<Objective, 'id' | 'name' | 'family' | 'aliases' | 'text' | 'parameters' | 'behaviour'> {
  readonly over: 'groups';
  /** a group's loss is the sum of `text` over its responses i; both with the defaults of the options */
  readonly loss: GroupLoss;
  /** the settings that choose the expression, and their values, the default first */
  readonly options: OptionValues;
  /** the loss under other options */
  readonly lossOf: (options: GroupOptions) => GroupLoss;
  /** settings of the family that it does not read; configurations hold them all */
  readonly unread: readonly string[];
  readonly needs: readonly GroupNeed[];
  /** where implementations of the same name differ; null where none was found */
  readonly differences: string | null;
  /** meant for responses sampled from the present policy */
  readonly onPolicy: boolean;
  /** the exponent of the reference in the law π^(1 - c) π_ref^c that opponents are drawn from by default; null where it has none */
  readonly mixtureCoef: number | null;
}

/** `loss`: that of one response i, or what it is with each choice of its options. */
export type GroupObjectiveDefinition = Omit<ObjectiveDefinition, 'weighting' | 'extensions' | 'loss'> & {
  loss: string | ((options: GroupOptions) => string);
  options?: OptionValues;
  unread?: readonly string[];
  differences?: string;
  mixtureCoef?: number;
};

/** What a loss asks of a group. */
export function groupNeedsOf(loss: GroupLoss): GroupNeed[] {
  const needs = new Set<GroupNeed>();
  for (const name of groupInputsOf(loss)) {
    if (/^ref_/.test(name)) needs.add('reference');
    else if (/^prev_/.test(name)) needs.add('previous iterate');
    else if (/^(len_|mean_tokens|best_tokens|longest)/.test(name)) needs.add('lengths');
    else if (/reward|batch_(mean|deviation)/.test(name)) needs.add('rewards');
    else if (/^opponent/.test(name)) needs.add('opponents');
  }
  return [...needs];
}

/** Reads the loss and derives what follows from it. Throws where the text and the declared parameters disagree. */
export function defineGroupObjective(definition: GroupObjectiveDefinition): GroupObjective {
  const {
    loss: written,
    aliases = [],
    paper = null,
    equation = null,
    onPolicy = false,
    differences = null,
    mixtureCoef = null,
    ...rest
  } = definition;
  const { options = {}, unread = [] } = definition;
  const textOf = typeof written === 'string' ? () => written : written;
  const text = textOf(defaultsOf(options));
  const loss = readGroupLoss(text);
  const known = new Map([[text, loss]]);
  const lossOf = (chosen: GroupOptions): GroupLoss => {
    const own = textOf(chosen);
    const made = known.get(own) ?? readGroupLoss(own);
    known.set(own, made);
    return made;
  };
  const [used, declared] = [groupParametersOf(loss), Object.keys(definition.parameters)];
  if ([...used].sort().join() !== [...declared].sort().join())
    throw new Error(`Group objective '${definition.id}' uses [${used.join()}] and declares [${declared.join()}].`);
  return {
    ...{ over: 'groups', ...rest, text, aliases, paper, equation, loss, options, lossOf, unread, onPolicy, differences, mixtureCoef },
    needs: groupNeedsOf(loss),
  };
}
