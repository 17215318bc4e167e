/** The public surface of prefscope, for notebooks, scripts and checks. */
export type { AdapterDescription, BackendKind } from './backend/backend.ts';
export * from './core/errors.ts';
export type * from './core/experiment.ts';
export { type HyperParameter, type Optimizer, optimizers } from './core/optimizer.ts';
export { generatePreferences } from './data/generate-preferences.ts';
export { objectives } from './objectives/catalogue.ts';
export { objectiveTex } from './objectives/compile.ts';
export { type Engine, openEngine, type PreferenceGradients } from './train/engine.ts';
export type { TrainingRun } from './train/run.ts';
export type { PreferenceBatch, SequenceBatch } from './train/sequence-batch.ts';
export type { Tensor } from './train/tensor.ts';
