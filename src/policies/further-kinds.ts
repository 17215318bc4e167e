import type { Policy } from '../core/experiment.ts';
import { bigramKind } from './bigram.ts';
import { logLinearKind } from './log-linear.ts';
import { mlpKind } from './mlp.ts';
import type { PolicyKind } from './policy.ts';
import { addKinds } from './registry.ts';
import { regressionKind } from './regression.ts';
import { sequenceKind } from './sequence.ts';
import { tabularKind } from './tabular.ts';

/** Every kind of policy but the one that the page begins with. They are known once this file is imported. */
const furtherKinds: { readonly [Kind in Exclude<Policy['kind'], 'features'>]: PolicyKind<Extract<Policy, { kind: Kind }>> } = {
  tabular: tabularKind,
  logLinear: logLinearKind,
  bigram: bigramKind,
  sequence: sequenceKind,
  mlp: mlpKind,
  regression: regressionKind,
};
addKinds(furtherKinds);
