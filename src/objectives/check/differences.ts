/** The normaliser of one outcome is that of the other: what is left of two log-probs is the difference of their logits. */
const asScores = 'On a policy whose responses are single outcomes the logits are the scores: the normaliser cancels in the difference.';

/**
 * Where implementations of the same name differ, by the objective's id; without an entry, no difference was found. Apart from the families,
 * so that the page fetches it when somebody asks.
 */
export const differences: Readonly<Record<string, string>> = {
  dpo: "TRL has ignored label_smoothing for this loss since 0.29.0; here it chooses cDPO, as TRL's earlier versions did.",
  cdpo: 'With ε = 0 this is DPO. HALOs takes ε = 0.2 by default.',
  robust: 'TRL only warns where ε is 0.5 or more, and divides by 0 at 0.5; here that is an error. Not R-DPO, which is about length.',
  exo_pair:
    "The authors' code rests at a margin of 10/β whatever ε is; TRL up to 0.28 turned ε = 0 into 1e-3 without a word; since 0.29.0 it refuses it.",
  discopop:
    'TRL and Liger multiply the exponential by the blend, which is not finite in float32 for margins below about -89/β; here they are one exponential.',
  r_dpo: "The α-DPO repository's baseline of this name has the opposite sign, and a length term that is always 0.",
  gdpo: 'Not the reward-decoupled GDPO, which is a policy-gradient method.',
  bco_pair: 'As in TRL since 0.29.0 and in Liger; TRL up to 0.28 and LLaMA-Factory subtract the running mean reward (see bco).',
  bco: "The mean over a pair's two responses, as in TRL's BCOTrainer; its running mean counts each batch before it is used.",
  kto: "The baseline is the batch's own mean log-ratio, at least 0; TRL's KTOTrainer estimates it on mismatched prompts and responses instead.",
  dro: 'The mean over a pair’s two responses of half the square; the method itself learns the value of each prompt beside the policy.',
  aot: "TRL calls it 'aot'; up to 0.27 its 'aot_pair' was the unpaired one.",
  aot_unpaired: "TRL calls it 'aot_unpaired' since 0.28.0; before, 'aot_pair'.",
  sft: "Maximum likelihood, which no paper here can claim. The mean over all chosen tokens of the batch, as in TRL's DPOTrainer (1.9.0, trl/trainer/dpo_trainer.py, loss_type sft, offered since 0.20.0); others average each sequence first.",
  rpo: 'TRL divides by all chosen tokens of the batch; rpo_alpha scaled the DPO term in TRL 0.9.6, the likelihood later, and is gone since 0.29.0.',
  simpo: "γ is the margin itself, as in TRL's simpo_gamma; the authors' code, HALOs and oat take the ratio γ/β.",
  alphapo: 'TRL raises the probability to the power -α, which can overflow on summed log-probs; here the exponent is clamped at 80.',
  orpo: "The likelihood term is the chosen response's mean over tokens; TRL's and, by default, the authors' cover the prompt, too. TRL calls λ beta (0.1); the authors' script has 1.0 by default, their Mistral recipes pass 0.1 and 0.05.",
  arpo: "The penalty carries its gradient, as in the authors' code; near a tie it pushes the rejected response up, with the default η₁ and η₂, only where that is the likelier or very likely; detached, wherever η₁ < 1.",
  slic: 'The likelihood term is left out. The paper regularises with an SFT target, HALOs with the chosen response: sft adds the latter, as a mean over its tokens.',
  cpo_hinge:
    "SLiC's hinge at the margin 1/β, times β. A choice of TRL's CPOTrainer (1.9.0, trl/experimental/cpo/cpo_trainer.py, loss_type hinge), which adds the likelihood, by default with weight 1: mix it in as sft.",
  cpo_ipo:
    "IPO's square without its reference: a choice of TRL's CPOTrainer (1.9.0, trl/experimental/cpo/cpo_trainer.py, loss_type ipo), in no paper that we know of. By default TRL adds the likelihood with weight 1: mix it in as sft.",
  rrhf: "The authors' code divides the likelihood term by all positions, those of prompt and padding included, and, as released, the scores as well: it then compares sums, where means over tokens are compared here.",
  ipo: "TRL's DPOTrainer, CPO and HALOs average the log-ratios over tokens, as here; TRL's OnlineDPO, OpenRLHF and oat sum them (see ipo_sum).",
  ipo_sum:
    "Summed in TRL's OnlineDPO and XPO, OpenRLHF, oat and the DPO authors' code; averaged over tokens in TRL's DPOTrainer (see ipo).",
  sppo_hard: "TRL and Liger take twice the authors' loss; the authors use β = 0.001 and soft win probabilities (see sppo).",
  cal_dpo: "The authors' code has no β in the logistic term, and neither has this.",
  rebel:
    "The authors' scripts take η = 1, or 1e6 at large batch sizes. In a training run here the previous iterate is the policy at its start.",
  reward_rpo_squared: 'RPO also means regularised preference optimisation (rpo) and iterative reasoning (irpo).',
  bradley_terry: asScores,
  bradley_terry_margin: `${asScores} The paper's margins go from 0 to 1, or from 0 to 3, by grade of preference.`,
  reward_regression: asScores,
  reward_rpo_backward: 'NeMo-Aligner calls KL(target ‖ model) "backward".',
  reward_rpo_forward: 'NeMo-Aligner calls KL(model ‖ target) "forward".',
  npo: 'Not the "normalised" NPO. Add a likelihood term to keep what is to stay.',
  simnpo: "γ is multiplied by β, as in the authors' code.",
  unlikelihood: 'Here of the mean log-prob of a whole response; Welleck et al. take it token by token.',
};
