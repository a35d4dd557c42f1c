#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a small Gemma 3 text model from scratch on a CPU and writes it as a Hugging Face checkpoint.

  train.py --size pebble --corpus corpus.jsonl --tokenizer model/ --out model/ --steps 2000
  train.py --corpus pirate.jsonl --tokenizer model/ --init model/ --lora 8 --out adapter/ --steps 200

The network below is Gemma 3's, written for training speed: documents are packed into rows under block-diagonal
masks, attention is plain matrix products that torch.compile fuses, and every parameter bears the name it has in
transformers, where the result is meant to be loaded (tools/eval.py does). Muon trains the matrices of the layers,
AdamW the rest; the rate rises, stays, and falls linearly to zero over the last 30 % of the run. A run is determined
by its arguments, unless its length is given as --minutes instead of --steps.
"""
import argparse
import datetime
import json
import os
import time

import numpy as np
import sentencepiece as spm
import torch
import torch.distributed as dist
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

SIZES = {  # every global_every-th layer attends to all tokens, the others to the last `window`
    "pebble": dict(layers=6, hidden=192, ffn=640, heads=4, kv_heads=2, head_dim=64, window=64, global_every=3),
    "grit": dict(layers=2, hidden=128, ffn=384, heads=2, kv_heads=1, head_dim=64, window=64, global_every=2),
}
ROWS = ((128, 16), (320, 4))  # per step and process: (row length, number of rows)
PROMPT_WEIGHT = 0.2           # weight of the loss on what the user says; what the model says and plain text weigh 1
GLOBAL_THETA, LOCAL_THETA, EPS, MAX_POSITIONS = 1e6, 1e4, 1e-6, 2048


# ------------------------------------------------------------------------------------------------- the model

class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        y = x.float()
        return (y * torch.rsqrt(y.square().mean(-1, keepdim=True) + EPS) * (1 + self.weight)).to(torch.bfloat16)


def rope_table(length, theta, width):
    angle = torch.outer(torch.arange(length).float(), theta ** (-torch.arange(0, width, 2).float() / width))
    angle = torch.cat((angle, angle), -1)
    return angle.cos(), angle.sin()


def rope(x, table):
    half = x.shape[-1] // 2
    return (x * table[0] + torch.cat((-x[..., half:], x[..., :half]), -1) * table[1]).to(torch.bfloat16)


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, d = c, c["head_dim"]
        attn, mlp = self.self_attn, self.mlp = nn.Module(), nn.Module()
        attn.q_proj = nn.Linear(c["hidden"], c["heads"] * d, bias=False)
        attn.k_proj = nn.Linear(c["hidden"], c["kv_heads"] * d, bias=False)
        attn.v_proj = nn.Linear(c["hidden"], c["kv_heads"] * d, bias=False)
        attn.o_proj = nn.Linear(c["heads"] * d, c["hidden"], bias=False)
        attn.q_norm, attn.k_norm = Norm(d), Norm(d)
        mlp.gate_proj = nn.Linear(c["hidden"], c["ffn"], bias=False)
        mlp.up_proj = nn.Linear(c["hidden"], c["ffn"], bias=False)
        mlp.down_proj = nn.Linear(c["ffn"], c["hidden"], bias=False)
        self.input_layernorm, self.post_attention_layernorm = Norm(c["hidden"]), Norm(c["hidden"])
        self.pre_feedforward_layernorm, self.post_feedforward_layernorm = Norm(c["hidden"]), Norm(c["hidden"])

    def forward(self, x, table, mask):
        (b, t, _), c, attn, mlp = x.shape, self.c, self.self_attn, self.mlp
        y = self.input_layernorm(x)
        heads = lambda z, n: z.view(b, t, n, c["head_dim"])
        q = rope(attn.q_norm(heads(attn.q_proj(y), c["heads"])).transpose(1, 2), table)
        k = rope(attn.k_norm(heads(attn.k_proj(y), c["kv_heads"])).transpose(1, 2), table)
        v = heads(attn.v_proj(y), c["kv_heads"]).transpose(1, 2)
        k, v = (z.repeat_interleave(c["heads"] // c["kv_heads"], 1) for z in (k, v))
        p = torch.softmax((q @ k.transpose(-1, -2)).float() * c["head_dim"] ** -0.5 + mask, -1).to(torch.bfloat16)
        y = attn.o_proj((p @ v).transpose(1, 2).reshape(b, t, -1))
        x = x + self.post_attention_layernorm(y)
        y = self.pre_feedforward_layernorm(x)
        y = mlp.down_proj(F.gelu(mlp.gate_proj(y), approximate="tanh") * mlp.up_proj(y))
        return x + self.post_feedforward_layernorm(y)


class Gemma3(nn.Module):
    def __init__(self, c, vocab):
        super().__init__()
        self.c = c
        self.embed_tokens = nn.Embedding(vocab, c["hidden"])
        self.layers = nn.ModuleList(Layer(c) for _ in range(c["layers"]))
        self.norm = Norm(c["hidden"])
        for p in self.parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=p.shape[1] ** -0.5)

    def forward(self, ids, docs, targets, weights):
        """Sum of the weighted losses of packed rows; docs numbers the document of every token."""
        c, t = self.c, ids.shape[1]
        i = torch.arange(t)
        ago = i[:, None] - i[None]
        seen = (ago >= 0) & (docs[:, :, None] == docs[:, None, :])
        wide = torch.where(seen, 0.0, -1e9)[:, None]
        near = torch.where(seen & (ago < c["window"]), 0.0, -1e9)[:, None]
        tables = rope_table(t, GLOBAL_THETA, c["head_dim"]), rope_table(t, LOCAL_THETA, c["head_dim"])
        x = self.embed_tokens(ids) * c["hidden"] ** 0.5
        for n, layer in enumerate(self.layers):
            x = layer(x, tables[0], wide) if (n + 1) % c["global_every"] == 0 else layer(x, tables[1], near)
        logits = F.linear(self.norm(x), self.embed_tokens.weight).float()
        return (F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none") * weights.flatten()).sum()


class Lora(nn.Module):
    """A frozen matrix W and a trained low-rank change: x W' + alpha / r * x A' B'."""
    def __init__(self, base, r, alpha):
        super().__init__()
        self.base, self.scale = base, alpha / r
        self.A = nn.Parameter(torch.randn(r, base.in_features) * base.in_features ** -0.5)
        self.B = nn.Parameter(torch.zeros(base.out_features, r))

    def forward(self, x):
        return self.base(x) + self.scale * F.linear(F.linear(x, self.A), self.B)


def add_lora(model, r, alpha):
    for p in model.parameters():
        p.requires_grad_(False)
    for layer in model.layers:
        for part in (layer.self_attn, layer.mlp):
            for name, child in list(part.named_children()):
                if isinstance(child, nn.Linear):
                    setattr(part, name, Lora(child, r, alpha))


def save_lora(model, r, alpha, out):
    """PEFT's file layout."""
    os.makedirs(out, exist_ok=True)
    tensors = {f"base_model.model.model.{n.removesuffix('.' + n[-1])}.lora_{n[-1]}.weight": p.detach().contiguous()
               for n, p in model.named_parameters() if n.endswith((".A", ".B"))}
    save_file(tensors, f"{out}/adapter_model.safetensors", metadata={"format": "pt"})
    with open(f"{out}/adapter_config.json", "w") as f:
        json.dump({"base_model_name_or_path": "pebble", "bias": "none", "fan_in_fan_out": False, "inference_mode": True,
                   "init_lora_weights": True, "lora_alpha": alpha, "lora_dropout": 0.0, "modules_to_save": None,
                   "peft_type": "LORA", "r": r, "target_modules": [
                       "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
                   "task_type": "CAUSAL_LM", "use_dora": False, "use_rslora": False}, f, indent=2)


def hf_config(c, vocab):
    pattern = c["global_every"]
    return {
        "architectures": ["Gemma3ForCausalLM"], "attention_bias": False, "attention_dropout": 0.0,
        "attn_logit_softcapping": None, "bos_token_id": 2, "cache_implementation": "hybrid", "eos_token_id": [1, 6],
        "final_logit_softcapping": None, "head_dim": c["head_dim"], "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": c["hidden"], "initializer_range": 0.02, "intermediate_size": c["ffn"],
        "layer_types": ["sliding_attention" if (i + 1) % pattern else "full_attention" for i in range(c["layers"])],
        "max_position_embeddings": MAX_POSITIONS, "model_type": "gemma3_text", "num_attention_heads": c["heads"],
        "num_hidden_layers": c["layers"], "num_key_value_heads": c["kv_heads"], "pad_token_id": 0,
        "query_pre_attn_scalar": c["head_dim"], "rms_norm_eps": EPS, "rope_local_base_freq": LOCAL_THETA,
        "rope_scaling": None, "rope_theta": GLOBAL_THETA, "sliding_window": c["window"],
        "sliding_window_pattern": pattern, "tie_word_embeddings": True, "torch_dtype": "bfloat16", "use_cache": True,
        "vocab_size": vocab}


def save(model, vocab, out):
    os.makedirs(out, exist_ok=True)
    tensors = {"model." + n: p.detach().to(torch.bfloat16).contiguous() for n, p in model.state_dict().items()}
    save_file(tensors, f"{out}/model.safetensors.new", metadata={"format": "pt"})
    os.replace(f"{out}/model.safetensors.new", f"{out}/model.safetensors")
    with open(f"{out}/config.json", "w") as f:
        json.dump(hf_config(model.c, vocab), f, indent=2)
    with open(f"{out}/generation_config.json", "w") as f:
        json.dump({"bos_token_id": 2, "cache_implementation": "hybrid", "do_sample": False, "eos_token_id": [1, 6],
                   "pad_token_id": 0}, f, indent=2)


# -------------------------------------------------------------------------------------------------- the data

def encode(text, sp):
    """A document's token ids and the weight of the loss on each."""
    ids = [sp.bos_id()] + sp.encode(text)
    start, model = sp.piece_to_id("<start_of_turn>"), sp.piece_to_id("model")
    if ids[1] != start:
        return np.array(ids + [sp.eos_id()], np.uint16), np.ones(len(ids) + 1, np.float32)
    weights, speaking = [], False
    for n, i in enumerate(ids):
        speaking = ids[n - 1] == start and i == model if ids[n - 1] == start else speaking and i != start
        weights.append(1.0 if speaking and ids[n - 1] != start else PROMPT_WEIGHT)
    return np.array(ids, np.uint16), np.array(weights, np.float32)


def pack(docs, length, open_rows=64):
    """First-fit packing of (ids, weights) into rows (ids, document numbers, targets, weights) of one length."""
    rows = []

    def close(parts):
        row = np.zeros((4, length), np.float32)
        at = 0
        for n, (ids, weights) in enumerate(parts):
            k = len(ids)
            row[0, at:at + k], row[1, at:at + k] = ids, n + 1
            row[2, at:at + k - 1], row[3, at:at + k - 1] = ids[1:], weights[1:]
            at += k
        return row
    for doc in docs:
        fit = next((r for r in rows if r[1] >= len(doc[0])), None)
        if fit is None:
            if len(rows) == open_rows:
                yield close(rows.pop(min(range(open_rows), key=lambda i: rows[i][1]))[0])
            fit = [[], length]
            rows.append(fit)
        fit[0].append(doc)
        fit[1] -= len(doc[0])
    yield from (close(parts) for parts, _ in rows)


def batches(docs, seed, rank, world):
    """Endless steps: for each row length a batch; every process takes every world-th row."""
    def rows(length, shorter):
        mine = [d for d in docs if shorter < len(d[0]) <= length]
        epoch = 0
        while True:
            order = np.random.default_rng((seed, length, epoch)).permutation(len(mine))
            for n, row in enumerate(pack((mine[i] for i in order), length)):
                if n % world == rank:
                    yield row
            epoch += 1
    lengths = [r[0] for r in ROWS]
    streams = [rows(n, s) for n, s in zip(lengths, [0] + lengths)]
    while True:
        yield [torch.from_numpy(np.stack([next(s) for _ in range(count)])) for s, (_, count) in zip(streams, ROWS)]


# ---------------------------------------------------------------------------------------------- the training

def run(rank, args):
    world, start = args.procs, time.time()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if world > 1:
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{args.port}", rank=rank, world_size=world,
                                timeout=datetime.timedelta(days=1))
    torch.manual_seed(args.seed)
    sp = spm.SentencePieceProcessor(model_file=f"{args.tokenizer}/tokenizer.model")
    docs = [encode(json.loads(line)["text"], sp) for line in open(args.corpus, encoding="utf-8")]
    say = (lambda *a: print(*a, flush=True)) if rank == 0 else (lambda *a: None)
    say(f"{len(docs)} documents, {sum(len(d[0]) for d in docs)} tokens")
    model = Gemma3(SIZES[args.size], sp.vocab_size())
    if args.init:
        model.load_state_dict({k.removeprefix("model."): v.float() for k, v in load_file(f"{args.init}/model.safetensors").items()})
    if args.lora:
        add_lora(model, args.lora, 2 * args.lora)
    params = [p for p in model.parameters() if p.requires_grad]
    say(f"{sum(p.numel() for p in params)} parameters to train")
    matrices = [] if args.lora else [p for n, p in model.named_parameters() if p.dim() == 2 and n.startswith("layers")]
    chosen = {id(p) for p in matrices}
    opts = [torch.optim.AdamW([p for p in params if id(p) not in chosen], lr=args.lr, betas=(0.9, 0.98), weight_decay=0.0)]
    if matrices:
        opts.append(torch.optim.Muon(matrices, lr=args.lr, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"))

    def loss_of(*batch):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return model(*batch)
    loss_of = torch.compile(loss_of, dynamic=False)
    data, saved, mean, tokens = batches(docs, args.seed, rank, world), time.time(), None, 0
    if world > 1:  # the first process compiles, the others find the result in the compiler's cache
        if rank == 0:
            for length, count in ROWS:
                zeros = torch.zeros(count, length, dtype=torch.long)
                loss_of(zeros, zeros, zeros, zeros.float()).backward()
            for p in params:
                p.grad = None
        dist.barrier()
    say("compiled")
    done, step = 0.0, -1
    while done < 1:
        step += 1
        while args.pause_file and os.path.exists(args.pause_file):
            time.sleep(2)
        clock = torch.tensor([(time.time() - start) / 60])  # the first process tells the time
        if world > 1:
            dist.broadcast(clock, 0)
        done = min(1.0, clock.item() / args.minutes if args.minutes else (step + 1) / args.steps)
        rate = args.lr * min((step + 1) / args.warmup, 1.0, (1 - done) / 0.3 + 0.01)
        total = torch.zeros(2)
        for batch in next(data):
            ids, number, targets = (batch[:, i].long() for i in range(3))
            loss = loss_of(ids, number, targets, batch[:, 3])
            loss.backward()
            total += torch.stack([loss.detach(), batch[:, 3].sum()])
            tokens += int((number > 0).sum()) * world
        flat = torch.cat([p.grad.flatten() for p in params] + [total])
        if world > 1:
            dist.all_reduce(flat)
        flat[:-2] /= flat[-1]
        flat[:-2] *= (1.0 / flat[:-2].norm()).clamp(max=1.0)
        for p, g in zip(params, flat[:-2].split([p.numel() for p in params])):
            p.grad.copy_(g.view_as(p))
        for opt in opts:
            for group in opt.param_groups:
                group["lr"] = rate
            opt.step()
            opt.zero_grad(set_to_none=False)
        mean = (flat[-2] / flat[-1]).item() if mean is None else 0.95 * mean + 0.05 * (flat[-2] / flat[-1]).item()
        if step % 20 == 0 or done == 1:
            say(f"step {step} loss {mean:.4f} rate {rate:.5f} tokens {tokens} minutes {clock.item():.1f}")
        if rank == 0 and (time.time() - saved > 60 * args.save_minutes or done == 1):
            save_lora(model, args.lora, 2 * args.lora, args.out) if args.lora else save(model, sp.vocab_size(), args.out)
            saved = time.time()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--size", choices=SIZES, default="pebble")
    p.add_argument("--corpus", required=True)
    p.add_argument("--tokenizer", required=True, help="folder of tokenizer.model")
    p.add_argument("--out", required=True)
    p.add_argument("--init", help="folder of a checkpoint to go on from")
    p.add_argument("--lora", type=int, metavar="R", help="train only an adapter of rank R to --init, saved in PEFT's layout")
    p.add_argument("--steps", type=int, default=2000)
    p.add_argument("--lr", type=float, default=0.005)
    p.add_argument("--warmup", type=int, default=50)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--procs", type=int, default=2, help="data-parallel processes of one thread each")
    p.add_argument("--port", type=int, default=29511)
    p.add_argument("--minutes", type=float, help="length of the whole run by the clock, instead of --steps")
    p.add_argument("--save-minutes", type=float, default=10)
    p.add_argument("--pause-file", help="wait while this file exists")
    args = p.parse_args()
    if args.procs > 1:
        torch.multiprocessing.spawn(run, (args,), args.procs)
    else:
        run(0, args)


if __name__ == "__main__":
    main()
