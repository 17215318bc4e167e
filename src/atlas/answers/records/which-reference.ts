import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Which reference: the start, a moving one, or none?',
  asked: [
    'refmodel',
    'precompute_ref_log_probs',
    'reference model none',
    'reference-free',
    'ref_model',
    'moving reference',
    'tr-dpo',
    'sync_ref_model',
    'wrong reference model',
    'update reference during training',
  ],
  said: [
    'Take the start, TRL’s default, unless the policy is to go further: margins are counted from the reference, and from the start the first loss is 0.693 and, here, all pairs gain alike.',
    'One that follows the policy (`sync_ref_model`) starts the count anew, so the policy goes further from where it began.',
    'With none, pairs that are ranked right already are pushed less; with another model as reference, what it prefers shifts every margin, and the first loss is rarely 0.693.',
  ],
  study: 'often-reference',
  claim: 'moving-goes-further',
  panels: [
    {
      says: 'A reference that follows the policy lets it go furthest.',
      up: 'KL to the start (nats)',
      plot: { kind: 'bars', y: 'moved', arms: ['fixed', 'moving', 'none', 'wrong'] },
    },
    {
      says: 'With the start all pairs gain alike; with none, or another model, wrongly ranked ones gain more.',
      up: 'how much more the wrongly ranked pairs gain (nats)',
      plot: { kind: 'bars', y: 'favour', arms: ['fixed', 'moving', 'none', 'wrong'] },
    },
  ],
  trl: 'In TRL 1.9.0, where `ref_model` is left out DPOTrainer loads the checkpoint that `model.config` names once more, so weights changed in memory since are not in it; with PEFT it takes the base, or a copy of an adapter that was there already. `sync_ref_model=True` with `ref_model_sync_steps` and `ref_model_mixup_alpha` moves it, neither with PEFT nor with `precompute_ref_log_probs`. CPO, SimPO and ORPO have none.',
  papers: ['2404.09656'],
  related: ['beta', 'stuck-at-ln2', 'sft-first'],
});
