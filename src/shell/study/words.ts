import type { Paper } from '../../atlas/reading-list.ts';
import type { Provenance, Study } from '../../atlas/study.ts';
import { word } from '../../core/word.ts';

/** How far the toy follows the paper, in a word. */
export const faithfulnessNames: Readonly<Record<Paper['faithfulness'], string>> = {
  theory: word('theory'),
  mechanism: word('mechanism'),
  analogy: word('analogy'),
  'out of scope': word('out of scope'),
};

/** How far the toy follows the paper, in a sentence. */
export const faithfulnessWords: Readonly<Record<Paper['faithfulness'], string>> = {
  theory: 'The paper’s own theory or toy, as far as it was seen.',
  mechanism: 'The paper’s mechanism, simplified.',
  analogy: 'An analogy: it shares an idea with the paper, and says nothing of its results.',
  'out of scope': 'Out of scope: there is nothing of preferences to train.',
};

/** Where the formula was seen. */
export const provenanceWords: Readonly<Record<Provenance, string>> = {
  paper: 'as in the paper',
  'released code': 'as in the released code',
  'words only': 'from the paper’s words',
  'our reading': 'our reading of the paper',
  'our analogy': 'ours, as an analogy',
};

/** What refutes a claim of this kind. */
export const kindWords: Readonly<Record<Study['claims'][number]['kind'], string>> = {
  identity: 'said of every case: a proof shows it, one counterexample refutes it',
  toy: 'of this toy, at these settings',
  empirical: 'a reading of what the paper says of real runs, tested in the toy alone',
};

export const engineWords = { webgpu: 'WebGPU', cpu: 'the CPU' } as const;

/** Minutes or seconds, as a reader says them. */
export const durationText = (milliseconds: number): string =>
  milliseconds < 90_000 ? `${Math.max(1, Math.round(milliseconds / 1000))} s` : `${Math.round(milliseconds / 60_000)} min`;
