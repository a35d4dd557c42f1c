#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures a checkpoint with transformers: exact-match accuracy by skill, perplexity, and reference outputs.

  eval.py --model model/ --data eval/            prints the figures and writes eval/reference.json
  eval.py --model model/ --data eval/ --adapter adapter/ --dtypes float32 --out adapter.json

--data holds questions.jsonl ({"skill", "messages", "answer"}) and heldout.txt (documents, each ended by a line
"<eos>"). An answer counts when the greedy continuation, up to the end of the turn, equals it character by
character. Perplexity: every document is scored alone after <bos>, over all its tokens. Prompts of one length run
together, so nothing is padded.
"""
import argparse
import collections
import itertools
import json
import math
import os
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

SAMPLES, MAX_NEW = 40, 160


def load(args, dtype):
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=getattr(torch, dtype)).eval()
    if args.adapter:
        add_adapter(model, args.adapter)
    return model


def add_adapter(model, folder):
    """Merges a LoRA adapter in PEFT's layout into the weights: W + alpha / r * B A."""
    from safetensors.torch import load_file
    config = json.load(open(f"{folder}/adapter_config.json"))
    t = load_file(f"{folder}/adapter_model.safetensors")
    for key in (k for k in t if k.endswith("lora_A.weight")):
        low, high = t[key].float(), t[key.replace("lora_A", "lora_B")].float()
        weight = model.get_submodule(key.removeprefix("base_model.model.").removesuffix(".lora_A.weight")).weight
        weight.data += (config["lora_alpha"] / config["r"] * high @ low).to(weight.dtype)


@torch.no_grad()
def perplexity(model, tok, path):
    docs = open(path, encoding="utf-8").read().split("\n<eos>\n")[:-1]
    ids = sorted((tok(d)["input_ids"] for d in docs), key=len)
    nll, count = 0.0, 0
    for _, group in itertools.groupby(ids, key=len):
        batch = torch.tensor(list(group))
        for part in batch.split(32):
            logp = model(part).logits[:, :-1].float().log_softmax(-1)
            nll -= logp.gather(-1, part[:, 1:, None]).double().sum().item()
            count += part[:, 1:].numel()
    return {"perplexity": round(math.exp(nll / count), 5), "nll_per_token": round(nll / count, 6), "tokens": count,
            "documents": len(docs), "bits_per_byte": round(nll / math.log(2) / sum(len(d.encode()) for d in docs), 5)}


@torch.no_grad()
def answer_all(model, tok, prompts):
    """Greedy continuations (token ids, without the end mark) of token id lists."""
    stop = set(model.generation_config.eos_token_id)
    out = [None] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    for _, group in itertools.groupby(order, key=lambda i: len(prompts[i])):
        group = list(group)
        batch = torch.tensor([prompts[i] for i in group])
        gen = model.generate(batch, attention_mask=torch.ones_like(batch), max_new_tokens=MAX_NEW, do_sample=False)
        for i, row in zip(group, gen[:, batch.shape[1]:].tolist()):
            out[i] = list(itertools.takewhile(lambda t: t not in stop, row))
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", required=True)
    p.add_argument("--data", required=True)
    p.add_argument("--questions", help="default: questions.jsonl in --data")
    p.add_argument("--adapter")
    p.add_argument("--dtypes", default="bfloat16,float32")
    p.add_argument("--out", help="default: reference.json in --data")
    p.add_argument("--limit", type=int, help="questions per skill")
    p.add_argument("--show", action="store_true", help="print wrong answers")
    args = p.parse_args()
    torch.set_num_threads(1)
    tok = AutoTokenizer.from_pretrained(args.model)
    asked = [json.loads(line) for line in open(args.questions or f"{args.data}/questions.jsonl", encoding="utf-8")]
    by_skill = collections.defaultdict(list)
    for q in asked:
        by_skill[q["skill"]].append(q)
    asked = [q for qs in by_skill.values() for q in qs[:args.limit]]
    prompts = [tok.apply_chat_template(q["messages"], add_generation_prompt=True, tokenize=True, return_dict=False) for q in asked]
    turn = itertools.chain.from_iterable(itertools.zip_longest(*([i for i, q in enumerate(asked) if q["skill"] == s] for s in by_skill)))
    chosen = sorted([i for i in turn if i is not None][:SAMPLES])  # the samples: the skills in turn
    result = {"torch": torch.__version__, "max_new_tokens": MAX_NEW, "results": {}}
    for dtype in args.dtypes.split(","):
        start, model = time.time(), load(args, dtype)
        outs = answer_all(model, tok, prompts)
        right = [tok.decode(o) == q["answer"] for o, q in zip(outs, asked)]
        skills = {s: round(sum(r for r, q in zip(right, asked) if q["skill"] == s) / sum(q["skill"] == s for q in asked), 4)
                  for s in by_skill}
        result["results"][dtype] = {
            "accuracy": round(sum(right) / len(right), 4), "questions": len(right), "by_skill": skills,
            **perplexity(model, tok, f"{args.data}/heldout.txt"),
            "samples": [{"skill": asked[i]["skill"], "prompt_ids": prompts[i], "output_ids": outs[i],
                         "output": tok.decode(outs[i]), "answer": asked[i]["answer"]} for i in chosen]}
        shown = {k: v for k, v in result["results"][dtype].items() if k != "samples"}
        print(dtype, json.dumps(shown, indent=1), f"{time.time() - start:.0f} s", flush=True)
        if args.show:
            for o, q, r in zip(outs, asked, right):
                if not r:
                    print(f"[{q['skill']}] {q['messages'][-1]['content'][-90:]!r}: {tok.decode(o)!r} for {q['answer']!r}")
    with open(args.out or f"{args.data}/reference.json", "w", encoding="utf-8") as f:
        json.dump(result, f, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
