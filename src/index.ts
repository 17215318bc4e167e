/** The public surface of prefscope, for notebooks, scripts and checks. */

export { loadStudy } from './atlas/catalogue.ts';
export type { ClaimResult } from './atlas/judge-claim.ts';
export { type Paper, papers } from './atlas/reading-list.ts';
export { runCurve, runStudy, type StudyCurve, type StudyEngine, type StudyOptions, type StudyResult } from './atlas/run-study.ts';
export { defaultsOf, defineStudy, type Study, type StudyClaim, type StudyTable } from './atlas/study.ts';
export { requirementTex, requirementText, resultText, tableCsv } from './atlas/study-text.ts';
export {
  defaultSettings as defaultToy,
  noOverNever,
  type ToySettings,
  tokens as toyTokens,
  toyPolicy,
  trainPresets as toyPresets,
} from './atlas/toys/displacement/no-over-never.ts';
export {
  defaultSuffix,
  entanglingLength,
  type SuffixSettings,
  sharedSuffix,
  suffixGeometry,
} from './atlas/toys/entanglement/shared-suffix.ts';
export { banditReference, banditReward } from './atlas/toys/modes/bandit.ts';
export { type FirstStep, firstStep, logarithmicMean } from './atlas/toys/modes/first-step.ts';
export { judgeShare } from './atlas/verdict.ts';
export type { AdapterDescription, BackendKind } from './backend/backend.ts';
export * from './core/errors.ts';
export { bestOfN, closedFormOptimum, entropy, expectedReward, klDivergence } from './core/exact.ts';
export type * from './core/experiment.ts';
export type { Expression } from './core/expression/expression.ts';
export { functionNames } from './core/expression/parse.ts';
export type { Scope } from './core/expression/program.ts';
export type * from './core/flow.ts';
export type * from './core/on-policy.ts';
export { type HyperParameter, type Optimizer, optimizers } from './core/optimizer.ts';
export type * from './core/trial.ts';
export { bigramExperiment, tokenisePairs } from './data/bigram-experiment.ts';
export { generatePreferences } from './data/generate-preferences.ts';
export { parsePreferencePairs } from './data/pairs/parse-preference-pairs.ts';
export type { ParsedPairs } from './data/pairs/read-pairs.ts';
export { readData } from './data/read-data.ts';
export type * from './data/read-data-types.ts';
export { samplePairsJsonl } from './data/sample-pairs.ts';
export { findObjective, objectiveNames, objectives } from './objectives/catalogue.ts';
export { checkGradient, type GradientComparison, type GradientVerdict, verifyGradient } from './objectives/check/gradient-check.ts';
export { samplePoints } from './objectives/check/sample-points.ts';
export { type CompiledObjective, slopesOf } from './objectives/compile.ts';
export { findGroupObjective, groupObjectiveNames, groupObjectives } from './objectives/group-catalogue.ts';
export { type CompiledGroupObjective, groupTex } from './objectives/group-compile.ts';
export { groupInputMeanings, tokenInputMeanings } from './objectives/group-inputs.ts';
export { type GroupLoss, readGroupLoss, reducerMeanings, tokenSumMeaning } from './objectives/group-loss.ts';
export type { GroupNeed, GroupObjective } from './objectives/group-objective.ts';
export { groupOptionMeanings } from './objectives/group-options.ts';
export { type GroupSpec, resolveGroupObjective } from './objectives/group-resolve.ts';
export { inputMeanings, type PairConstant, type PairInput, shorthandMeanings } from './objectives/inputs.ts';
export { compileLoss, type LossSpec, readLine, resolveLoss, type TypedGroupLoss } from './objectives/loss-spec.ts';
export type { Need, Objective, ObjectiveParameter, Range } from './objectives/objective.ts';
export { type OptionName, optionMeanings, optionsOf } from './objectives/options.ts';
export { type Over, overOf, overOfLine } from './objectives/over.ts';
export { pairForm } from './objectives/pair-form.ts';
export { rangeText } from './objectives/parameters.ts';
export { type PairSpec, resolveObjective } from './objectives/resolve.ts';
export { expressionTex, objectiveTex } from './objectives/text/objective-tex.ts';
export { readAnyLoss as readLoss } from './objectives/text/read-python.ts';
export type { TypedLoss } from './objectives/text/typed.ts';
export { type CatalogueEntry, catalogue, findEntry, nameOf } from './objectives/whole-catalogue.ts';
export { type Engine, openEngine, type PreferenceGradients } from './train/engine.ts';
export type { TrainingRun } from './train/run.ts';
export type { PreferenceBatch, SequenceBatch } from './train/sequence-batch.ts';
export type { Tensor } from './train/tensor.ts';
export { measureNames } from './train/trials/measures.ts';
