/**
 * Python that a reader runs beside a trainer: the log-probs of every pair, token by token, of the model and of its reference, with the
 * tokens, as JSONL; and the summed hidden states of both responses as arrays. It needs torch, numpy and transformers alone, so that no
 * version of a trainer matters.
 */
export const pairLogger = `import json, numpy as np, torch

@torch.no_grad()
def measure(model, tokenizer, prompt, response):
    """The response's tokens, the log-prob of each, and the sum of the last hidden states they are predicted from."""
    start = tokenizer(prompt, return_tensors="pt").input_ids
    rest = tokenizer(response, add_special_tokens=False, return_tensors="pt").input_ids
    ids = torch.cat([start, rest], dim=1).to(model.device)
    out = model(ids, output_hidden_states=True)
    tokens, places = ids[0, start.shape[1] :], slice(start.shape[1] - 1, -1)
    each = out.logits[0, places].float().log_softmax(-1).gather(-1, tokens[:, None])[:, 0]
    state = out.hidden_states[-1][0, places].float().sum(0).cpu().numpy()
    return [tokenizer.decode(token) for token in tokens], each.tolist(), state

def log_pairs(model, ref_model, tokenizer, dataset):
    """Writes pairs.jsonl, chosen.npy and rejected.npy. prompt, chosen and rejected are texts. With an adapter, ref_model=None."""
    states = {"chosen": [], "rejected": []}
    with open("pairs.jsonl", "w", encoding="utf-8") as out:
        for row in dataset:
            line = {}
            for side in states:
                line[f"{side}_tokens"], line[f"{side}_logps"], state = measure(model, tokenizer, row["prompt"], row[side])
                states[side].append(state)
                if ref_model is not None:
                    line[f"ref_{side}_logps"] = measure(ref_model, tokenizer, row["prompt"], row[side])[1]
                else:
                    with model.disable_adapter():
                        line[f"ref_{side}_logps"] = measure(model, tokenizer, row["prompt"], row[side])[1]
            out.write(json.dumps(line) + "\\n")
    for side, rows in states.items():
        np.save(f"{side}.npy", np.stack(rows))

# trainer.train(); then:
# log_pairs(trainer.model.eval(), trainer.ref_model, tokenizer, my_pairs.select(range(500)))
`;
