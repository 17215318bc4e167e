// Written by `npm run generate` from shaders/policy_features.wgsl. Do not edit.
import text from '../../../../shaders/policy_features.wgsl?raw';

export const policyFeatures = {
  stem: 'policy_features',
  text,
  entries: {
    policy_features_logits: { workgroupSize: 64, bindings: ['params', 'hidden', 'unembedding', 'row_contexts', 'logits'] },
    policy_features_hidden_gradient: { workgroupSize: 64, bindings: ['params', 'unembedding', 'offsets', 'members', 'chosen_gradient', 'rejected_gradient', 'hidden_gradient'] },
    policy_features_unembedding_gradient: { workgroupSize: 64, bindings: ['params', 'hidden', 'offsets', 'members', 'chosen_gradient', 'rejected_gradient', 'unembedding_gradient'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    hidden: { binding: 1, type: 'read-only-storage' },
    unembedding: { binding: 2, type: 'read-only-storage' },
    row_contexts: { binding: 3, type: 'read-only-storage' },
    logits: { binding: 4, type: 'storage' },
    offsets: { binding: 5, type: 'read-only-storage' },
    members: { binding: 6, type: 'read-only-storage' },
    chosen_gradient: { binding: 7, type: 'read-only-storage' },
    rejected_gradient: { binding: 8, type: 'read-only-storage' },
    hidden_gradient: { binding: 9, type: 'storage' },
    unembedding_gradient: { binding: 10, type: 'storage' },
  },
  params: [
    ['rows', 'u32'],
    ['columns', 'u32'],
    ['dimensions', 'u32'],
    ['contexts', 'u32'],
    ['sharing', 'u32'],
    ['chosen_rows', 'u32'],
  ],
} as const;
