import type { Backend, FurtherKernels, GradientTask, Storage } from '../backend/backend.ts';
import type { Policy } from '../core/experiment.ts';

/** One position of a response: the context that it reads and the token that follows. */
export interface Position {
  context: number;
  token: number;
  /** row of the policy's frozen offsets that is added to the logits; 0 where there are none */
  offset: number;
}

export interface ParameterTensor {
  name: string;
  /** row-major */
  values: Float64Array;
  /** length of a row */
  width: number;
  trained: boolean;
}

/** A tensor on a backend, and where its gradient goes: one element where it has none. */
export interface StoredTensor {
  readonly trained: boolean;
  readonly storage: Storage;
  readonly gradient: Storage;
}

/** Positions of which logits are wanted. */
export interface LogitsBatch {
  rows: number;
  /** [rows] what each position reads */
  contexts: Storage;
  /** frozen logits, and which of them each position adds; where the policy has any */
  offsets?: { table: Storage; rows: Storage };
  /** [rows, V] */
  logits: Storage;
}

type NormalisedSlopes = Parameters<FurtherKernels['normalisedSlopes']>[0];

/** A policy's forward and backward pass on a backend, over the tensors that they were opened with. */
export interface PolicyPasses {
  logits(batch: LogitsBatch): void;
  /** Fills the trained tensors' gradients from those of the logits, at the parameters of the last call of `logits`. */
  backward(task: Omit<GradientTask, 'columns'>): void;
  /** Slopes of the normalised pair update, at the parameters of the last call of `logits`. */
  normalisedSlopes(
    kernels: FurtherKernels,
    task: Omit<NormalisedSlopes, 'columns' | 'dimensions' | 'hidden' | 'unembedding' | `${string}Trained`>,
  ): void;
  /** Frees what it has besides the tensors. */
  dispose(): void;
}
export type OpenPasses = (tensors: readonly StoredTensor[]) => PolicyPasses;

/** What kernels that do more than one pass (ensembles, flows) must know of a policy to compute its logits by themselves. */
export interface FusedForm {
  /** rows of a table, or hidden vectors times an unembedding */
  readonly parameterisation: 'table' | 'features';
  /** length of a hidden vector; 0 for a table */
  readonly dimensions: number;
  /** equal for policies that one ensemble can train: they differ in the numbers of their tensors alone */
  readonly key: string;
  /** passes over so many of these policies at once, whose contexts and tensors stand one policy after the other */
  stacked(policies: number): (backend: Backend) => OpenPasses;
}

/** What the kernel that trains regressions side by side must know of one: log-probs are those of numbers around means linear in features. */
export interface RegressionForm {
  /** equal for policies that it can train together: their features, numbers and weights may differ */
  readonly key: string;
  /** [V] numbers that a softmax compares with a mean, one a column */
  readonly values: readonly number[];
  /** [contexts, weights] */
  features(): Float64Array;
  /** [contexts] what is added to the values */
  shifts(): Float64Array;
}

/** What the engine must know of a policy; made from its JSON by `definePolicy`. */
export interface PolicyDefinition {
  readonly prompts: number;
  /** size of the vocabulary, V or K */
  readonly columns: number;
  /** what a position can read: rows of logits, but for offsets. Those of policies over outcomes are their prompts. */
  readonly contexts: number;
  /** a response is one outcome (its distribution is recorded) or a list of tokens */
  readonly response: 'outcome' | 'tokens';
  readonly parameters: readonly ParameterTensor[];
  /** name of the tensor [contexts, width] whose rows are hidden vectors, of which CHES speaks; null for a policy without */
  readonly hidden: string | null;
  /** [rows, columns] frozen logits that `positions` has named so far, row 0 all zero; null for a policy without */
  readonly offsets: Float64Array | null;
  /** null: it has no flow, and its runs train one by one, unless they are trials and it has the form below */
  readonly fused: FusedForm | null;
  readonly regression?: RegressionForm;
  /** the positions of `response` after `prompt` */
  positions(prompt: number, response: readonly number[]): Position[];
  /** the kernels of its passes */
  passes(backend: Backend): OpenPasses | Promise<OpenPasses>;
}

/** What a policy demands of responses. */
export interface ResponseRules {
  prompts: number;
  columns: number;
  /** throws unless `response` is one that the policy gives a probability */
  assertResponse(path: string, prompt: number, response: unknown): void;
}

/** A policy in a PyTorch script, besides its tensors, which stand there under their names in capitals. */
export interface PolicyPython {
  /** what it is, in words */
  readonly words: string;
  /** what else is defined before it is used */
  readonly lines?: readonly string[];
  /** expression: its logits [contexts, V] */
  readonly logits: string;
  /** expression: the context that token t of `response` to `prompt` is drawn from */
  readonly context: string;
  /** definition of `offset(prompt, response, t)`, the frozen logits of a position, where it has any */
  readonly offset?: readonly string[];
}

/** A kind of policy: all that is known of it besides its kernels. */
export interface PolicyKind<P extends Policy = Policy> {
  /** Throws an ExperimentError that names the field and the fix. */
  validate(policy: P): ResponseRules;
  /** The definition of a valid policy, without noise. */
  define(policy: P): PolicyDefinition;
  python(policy: P): PolicyPython;
}
