/** Numbers in the view's words, as they are printed: means over seeds 1, 2 and 3 with the view's defaults. A test measures them anew. */
export const measured = {
  /** KL to the start of Dr. GRPO after 300 updates with β = 0.1 in the reward: to a fixed reference, to a soft one, and with no KL at all */
  kl: ['1.0', '1.4', '1.7'],
  /** expected reward of offline DPO on the bandit after 150 updates: with a fixed reference, and with a soft one */
  reward: ['0.14', '0.04'],
  /** pass@512 of GKD after 48 updates, in percent: at β = 0 and at 1; of the start, and of the teacher */
  pass512: ['93', '85', '86', '95'],
} as const;
