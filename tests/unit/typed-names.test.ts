import { describe, expect, it } from 'vitest';
import { readAnyLoss as readLoss } from '../../src/objectives/text/read-python.ts';
import { evaluate } from '../shared/evaluate-loss.ts';

/** What a line is to be read as: the same value and slopes at a point where no two inputs agree. */
const same = (text: string, as: string): void => expect(evaluate(readLoss(text))).toEqual(evaluate(readLoss(as)));
const dpo = '-logsigmoid(beta*(logp_w - ref_w - logp_l + ref_l))';

describe('names of others', () => {
  it.each([
    ['-logsigmoid(beta*(policy_chosen_logps - reference_chosen_logps - policy_rejected_logps + reference_rejected_logps))', dpo],
    ['-logsigmoid(beta*(chosen_logps - ref_chosen_logps - rejected_logps + ref_rejected_logps))', dpo],
    ['-logsigmoid(beta*(pi_logratios - ref_logratios))', '-logsigmoid(beta*((logp_w - logp_l) - (ref_w - ref_l)))'],
    ['-logsigmoid(beta*(chosen_logratios - rejected_logratios))', dpo.replace(/\(logp.*\)\)$/, '(logratio_w - logratio_l))')],
    ['-logsigmoid(beta*logits)', '-logsigmoid(beta*margin)'],
    ['-logsigmoid(beta*(avg_chosen_logps - avg_rejected_logps) - gamma)', '-logsigmoid(beta*(avg_logp_w - avg_logp_l) - gamma)'],
    ['-logsigmoid(beta*(policyWinLogps - policyLoseLogps))/chosen_length', '-logsigmoid(beta*(logp_w - logp_l))/len_w'],
    [
      '-logsigmoid(beta*margin) + lambda*relu(reference_chosen_logps - policy_chosen_logps)',
      '-logsigmoid(beta*margin) + lambda*relu(ref_w - logp_w)',
    ],
  ])('%s', (text, as) => same(text, as));

  it.each([
    ['logp_w + ref_chosen_logps_x', 'ref_w'],
    ['logp_w + chosen_logps_scaled', 'logp_w'],
    ['logp_w + rejected_logprob_clean', 'logp_l'],
    ['logp_w + rejected_len_bucket', 'len_l'],
    ['logp_w + ref_rejected_logratios', 'logratio_l'],
    ['logp_w + chosen_rewards', 'reward_w'],
    ['logp_w + rejected_rewards', 'reward_l'],
    ['logp_w + policy_chosen_logits', 'logp_w'],
    ['logp_w + rejected_nll', '-logp_l'],
  ])('%s is refused, and %s suggested: never the other side', (text, right) => {
    const other = right.endsWith('w') ? right.replace(/w$/, 'l') : right.replace(/l$/, 'w');
    expect(() => readLoss(text)).toThrow(new RegExp(`There is no input.*Did you mean .*'?${right}'`));
    expect(() => readLoss(text)).not.toThrow(`'${other}'`);
  });

  it.each([
    ['logp_w + rejected_probs', 'exp(logp_l)'],
    ['logp_w - log(pi_w)', 'exp(logp_w)'],
    ['logp_w - log(ref_pi_l)', 'exp(ref_l)'],
  ])('%s is refused, since it is a probability: %s', (text, right) => {
    expect(() => readLoss(text)).toThrow(`Did you mean '${right}'?`);
  });

  it('a function that is far from all that are known gets no guess', () => {
    expect(() => readLoss('mse_loss(logp_w, 1)')).toThrow(/no function 'mse_loss'\. Write out/);
    expect(() => readLoss('logsigmod(logp_w)')).toThrow(/Did you mean 'logsigmoid'/);
  });

  it.each(['w', 'tau', 'length_penalty', 'chosen_weight', 'constructor', 'h', 'reward_model_weight'.slice(7), 'kl'])(
    '%s stays a parameter',
    (name) => {
      expect(Object.keys(readLoss(`-${name}*logp_w`).parameters)).toEqual([name]);
    },
  );

  it.each(['label_smoothing', 'labelSmoothing', 'epsilon', 'eps'])('%s starts at 0.1 and stays below a half', (name) => {
    const { parameters } = readLoss(`-logsigmoid(beta*margin)*(1-${name}) - logsigmoid(-beta*margin)*${name}`);
    expect(parameters[name]).toMatchObject({ default: 0.1, min: 0, max: 0.49 });
  });
});

describe('pasted Python', () => {
  it.each([
    [
      'losses = -F.logsigmoid(self.beta * logits) * (1 - self.label_smoothing) - F.logsigmoid(-self.beta * logits) * self.label_smoothing',
      '-logsigmoid(beta*margin)*(1-label_smoothing) - logsigmoid(-beta*margin)*label_smoothing',
    ],
    [
      'return -torch.nn.functional.logsigmoid(beta * (pi_logratios - ref_logratios)).mean()',
      '-logsigmoid(beta*((logp_w - logp_l) - (ref_w - ref_l)))',
    ],
    ['loss = (logits - 1/(2 * self.beta)) ** 2  # IPO', '(margin - 1/(2*beta))^2'],
    ['losses = torch.relu(1 - self.beta * logits)', 'relu(1 - beta*margin)'],
    ['losses = (\n    -F.logsigmoid(self.beta * logits)\n    - 0.1 * chosen_logps\n)', '(-logsigmoid(beta*margin) - 0.1*logp_w)'],
    [
      'losses = -F.logsigmoid(beta * (chosen_logps - ref_chosen_logps)).detach() * chosen_logps',
      '-detach(logsigmoid(beta*(logp_w - ref_w)))*logp_w',
    ],
    ['losses = torch.clamp(1 - logits, min=0)', 'max(1 - margin, 0)'],
    [
      'losses = -F.logsigmoid(self.config.loss.beta * (pi_logratios - ref_logratios))',
      '-logsigmoid(beta*((logp_w - logp_l) - (ref_w - ref_l)))',
    ],
    ['loss = -nn.LogSigmoid()(finetuning_args.pref_beta * logits).mean()', '-logsigmoid(pref_beta*margin)'],
    [
      'losses = -F.logsigmoid(beta * (logits - lam * torch.maximum(torch.zeros_like(logits), reference_chosen_logps - policy_chosen_logps)))',
      '-logsigmoid(beta*(margin - lam*max(0, ref_w - logp_w)))',
    ],
    ['losses = -alpha * policy_chosen_logps.clamp(max=0) - rejected_logps.clamp_min(-5)', '-alpha*min(logp_w, 0) - max(logp_l, -5)'],
    [
      'losses = torch.where(logits > 0, -F.logsigmoid(beta * logits), -beta * logits)',
      'where(margin > 0, -logsigmoid(beta*margin), -beta*margin)',
    ],
    ['```python\nlosses = -F.logsigmoid(self.beta * logits)\n```', '-logsigmoid(beta*margin)'],
    ['>>> losses = -F.logsigmoid(self.beta * logits);', '-logsigmoid(beta*margin)'],
    [
      'def loss(beta, policy_chosen_logps, policy_rejected_logps) -> torch.Tensor:\n    return -F.logsigmoid(beta * (policy_chosen_logps - policy_rejected_logps))',
      '-logsigmoid(beta*(logp_w - logp_l))',
    ],
  ])('%s', (text, as) => same(text, as));

  it('of several statements is refused where the second begins', () => {
    expect(() => readLoss('logits = chosen_logps - rejected_logps\nlosses = -F.logsigmoid(logits)')).toThrow(/second statement begins/);
  });

  it('keeps the columns of what it cannot read', () => {
    expect(() => readLoss('losses = -F.logsigmod(self.beta * logits)')).toThrow(/Column 13-21: There is no function 'logsigmod'/);
  });
});
