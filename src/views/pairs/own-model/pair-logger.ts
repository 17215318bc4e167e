/**
 * Python that a reader runs beside a trainer: the log-probs of every pair, token by token, of the model and of its reference, with the
 * tokens, as JSONL. It needs torch and transformers alone, so that no version of a trainer matters.
 */
export const pairLogger = `import json, torch

@torch.no_grad()
def logps(model, tokenizer, prompt, response):
    """The response's tokens, and the log-prob of each after what stands before it."""
    start = tokenizer(prompt, return_tensors="pt").input_ids
    rest = tokenizer(response, add_special_tokens=False, return_tensors="pt").input_ids
    ids = torch.cat([start, rest], dim=1).to(model.device)
    logits = model(ids).logits[0, start.shape[1] - 1 : -1].float()
    tokens = ids[0, start.shape[1] :]
    each = logits.log_softmax(-1).gather(-1, tokens[:, None])[:, 0]
    return [tokenizer.decode(token) for token in tokens], each.tolist()

def log_pairs(path, model, ref_model, tokenizer, dataset):
    """One line a pair: prompt, chosen and rejected are texts. With an adapter, ref_model=None."""
    with open(path, "w", encoding="utf-8") as out:
        for row in dataset:
            line = {}
            for side in ("chosen", "rejected"):
                line[f"{side}_tokens"], line[f"{side}_logps"] = logps(model, tokenizer, row["prompt"], row[side])
                if ref_model is not None:
                    _, line[f"ref_{side}_logps"] = logps(ref_model, tokenizer, row["prompt"], row[side])
                else:
                    with model.disable_adapter():
                        _, line[f"ref_{side}_logps"] = logps(model, tokenizer, row["prompt"], row[side])
            out.write(json.dumps(line) + "\\n")

# trainer.train(); then:
# log_pairs("pairs.jsonl", trainer.model.eval(), trainer.ref_model, tokenizer, my_pairs.select(range(500)))
`;
