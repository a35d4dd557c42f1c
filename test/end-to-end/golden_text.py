# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares a compiled golden case with what transformers computed from it.

  golden_text.py CASE [--quant f32|bf16|int8|int4] [--kv f32|bf16|int8] [--target NAME]
                 [--runner COMMAND]... [--threads N]

CASE is a folder of test/golden/text/; its README says what the tensors are and how
close results must be.
"""
import argparse
import functools
import os
import sys

import numpy as np

import lapidary
import safetensors_io

F32_BOUND = 5e-4
# Of the mean difference of logits where keys and values alone are bytes: logits
# deviate by about 3.5.
BYTES_BOUND = 0.15
# Of 1 - cosine, how far an embedding points elsewhere.
COSINE_BOUNDS = {"f32": 1e-6, "bf16": 1e-3, "int8": 1e-2, "int4": 0.2}


def left_padded(prompts, mask, continuation):
    """Appends a continuation to each prompt of a left-padded batch."""
    return np.concatenate([prompts, continuation], 1), np.concatenate([mask, np.ones_like(continuation)], 1)


def check_float32(forward, golden, report):
    """`forward(input_ids, attention_mask, cache)` against the golden logits: every
    position, alone and in a padded batch, at once and through the cache, and
    the greedy continuations."""
    tokens = golden["greedy.tokens"][None]
    prompt = golden["input_ids"]
    # The last token chosen is not fed back.
    longer = np.concatenate([prompt, tokens[:, :-1]], 1)
    batch, mask = golden["batch.input_ids"], golden["batch.attention_mask"]
    batch_tokens = golden["batch.greedy.tokens"]
    longer_batch, longer_mask = left_padded(batch, mask, batch_tokens[:, :-1])

    for cache in (False, True):
        how = "through the cache" if cache else "at once"
        logits = forward(prompt, None, cache)
        report.at_most(f"logits {how}", worst(logits, golden["logits"]), F32_BOUND)

        greedy = forward(longer, None, cache)[:, prompt.shape[1] - 1:]
        report.at_most(f"greedy logits {how}", worst(greedy[0], golden["greedy.logits"]), F32_BOUND)
        report.equal(f"greedy tokens {how}", greedy[0].argmax(-1).tolist(), tokens[0].tolist())

        logits = forward(batch, mask, cache)
        seen = mask.astype(bool)
        report.at_most(f"batch logits {how}", worst(logits[seen], golden["batch.logits"][seen]), F32_BOUND)

        greedy = forward(longer_batch, longer_mask, cache)[:, batch.shape[1] - 1:]
        report.at_most(f"batch greedy logits {how}", worst(greedy, golden["batch.greedy.logits"]), F32_BOUND)
        report.equal(f"batch greedy tokens {how}", greedy.argmax(-1).tolist(), batch_tokens.tolist())


def check_embedding(embed, golden, report, name="embedding"):
    """`embed(input_ids, attention_mask)` against what golden has under `name`: for
    all sequences in a padded batch, and for each alone."""
    ids, mask = golden["input_ids"], golden["attention_mask"]
    report.at_most(f"{name} in a batch", worst(embed(ids, mask), golden[name]), F32_BOUND)
    for sequence, (tokens, seen) in enumerate(zip(ids, mask.astype(bool))):
        found = embed(tokens[seen][None], None)[0]
        report.at_most(f"{name} of sequence {sequence}", worst(found, golden[name][sequence]), F32_BOUND)


def check_encoder(quant, forward, golden, report):
    """Embeddings are near golden's, and depend on nothing but their tokens: neither
    on threads and padding nor on what else is embedded, in one run or several."""
    if quant == "f32":
        check_embedding(forward, golden, report)
    ids, mask, expected = golden["input_ids"], golden["attention_mask"], golden["embedding"]
    found = forward(ids, mask)
    lengths = np.linalg.norm(found, axis=-1) * np.linalg.norm(expected, axis=-1)
    report.at_most("1 - cosine", (1 - (found * expected).sum(-1) / lengths).max(), COSINE_BOUNDS[quant])

    def same(what, others, rows):
        report.equal(what, [np.array_equal(others, found[rows])], [True])
    same("by one thread", forward(ids, mask, threads=1), slice(None))
    left = [[np.roll(row, -seen.sum()) for row, seen in zip(rows, mask)] for rows in (ids, mask)]
    same("padded on the left", forward(*left), slice(None))
    for row, seen in enumerate(mask.astype(bool)):
        same(f"sequence {row} alone", forward([ids[row, seen]]), [row])
    many = np.random.default_rng(1).integers(len(ids), size=40)
    same("in several runs", forward(ids[many], mask[many]), many)


def check_bfloat16(forward, golden, report):
    """The noise of a bfloat16 artifact is that of transformers in bfloat16."""
    noise = np.abs(golden["bf16.logits"] - golden["logits"])
    difference = np.abs(forward(golden["input_ids"], None, False) - golden["logits"])
    report.at_most("mean difference of logits", difference.mean(), 2 * noise.mean())
    report.at_most("largest difference of logits", difference.max(), 2 * noise.max())
    check_finite(forward, golden, report)


def check_finite(forward, golden, report):
    """Low precision: figures for people; what must hold is that nothing breaks and
    that the cache does not matter beyond rounding."""
    prompt, tokens = golden["input_ids"], golden["greedy.tokens"]
    longer = np.concatenate([prompt, tokens[None, :-1]], 1)
    reference = np.concatenate([golden["logits"][0], golden["greedy.logits"][1:]])
    for cache in (False, True):
        logits = forward(longer, None, cache)[0]
        how = "through the cache" if cache else "at once"
        report.equal(f"finite logits {how}", [bool(np.isfinite(logits).all())], [True])
        report.note(f"mean difference {how}", np.abs(logits - reference).mean())
        report.note(f"same best token {how}", (logits.argmax(-1) == reference.argmax(-1)).mean())


def check_bytes(forward, golden, report):
    """Keys and values that are rounded to bytes move logits little, and by as much
    at once as through the cache."""
    prompt = golden["input_ids"]
    found = forward(prompt, None, False)
    report.at_most("mean difference of logits", np.abs(found - golden["logits"]).mean(), BYTES_BOUND)
    report.equal("same logits through the cache", [np.array_equal(forward(prompt, None, True), found)], [True])
    check_finite(forward, golden, report)


def worst(found, expected):
    if found.shape != expected.shape:
        sys.exit(f"expects shape {expected.shape}, found {found.shape}")
    return np.abs(found - expected).max()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--quant", default="f32")
    parser.add_argument("--kv", help="default: that of the compiler")
    parser.add_argument("--target", default="host")
    parser.add_argument("--runner", action="append", help="commands that run the artifact (default: lapidary)")
    parser.add_argument("--threads", type=int, default=0, help="default: as many as the machine has processors")
    options = parser.parse_args()

    golden = safetensors_io.load(os.path.join(options.case, "golden.safetensors"))
    kv = ["--kv", options.kv] if options.kv else []
    model = lapidary.Model(options.case, "--quant", options.quant, "--target", options.target, *kv)
    check = {"f32": check_float32, "bf16": check_bfloat16}.get(options.quant, check_finite)
    if options.kv == "int8":
        check = check_bytes
    if "embedding" in golden:
        check = functools.partial(check_encoder, options.quant)
    report = lapidary.Report()
    for runner in options.runner or ["lapidary"]:
        model.set_runner(runner)
        check(functools.partial(model.forward, threads=options.threads), golden, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
