# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares a compiled encoder and decoder with what transformers computed.

  golden_source.py CASE [--quant f32|bf16|int8|int4]

CASE is a folder of test/golden/text/; its README says what the tensors are.
"""
import argparse
import os
import sys

import numpy as np

import lapidary
import safetensors_io

F32_BOUND = 5e-4
BOS = 2


def worst(found, expected):
    if found.shape != expected.shape:
        sys.exit(f"expects shape {expected.shape}, found {found.shape}")
    return np.abs(found - expected).max()


def behind_bos(tokens):
    """What the decoder is told to have said when it says `tokens`."""
    return np.concatenate([np.full_like(tokens[:, :1], BOS), tokens[:, :-1]], 1)


def check_float32(model, golden, report):
    """States and logits of every position, alone and in a padded batch, at once and
    through the cache, and the greedy answers."""
    source, mask = golden["batch.input_ids"], golden["batch.attention_mask"]
    for cache in (False, True):
        how = "through the cache" if cache else "at once"

        def check(what, found, states, logits):
            report.at_most(f"{what}states {how}", worst(found["source.states"], states), F32_BOUND)
            report.at_most(f"{what}logits {how}", worst(found["logits"], logits), F32_BOUND)
            return found["logits"].argmax(-1).tolist()
        ids, states = golden["input_ids"], golden["encoder.hidden.final"]
        check("", model.answer_source(ids, golden["decoder_input_ids"], cache=cache), states, golden["logits"])
        tokens = golden["greedy.tokens"][None]
        found = model.answer_source(ids, behind_bos(tokens), cache=cache)
        report.equal(f"greedy tokens {how}", check("greedy ", found, states, golden["greedy.logits"][None]), tokens.tolist())

        states = golden["batch.encoder.hidden.final"]
        found = model.answer_source(source, golden["batch.decoder_input_ids"], mask, cache)
        check("batch ", found, states, golden["batch.logits"])
        tokens = golden["batch.greedy.tokens"]
        found = model.answer_source(source, behind_bos(tokens), mask, cache)
        report.equal(f"batch greedy tokens {how}", check("batch greedy ", found, states, golden["batch.greedy.logits"]),
                     tokens.tolist())
    if "eoi.input_ids" in golden:
        found = model.answer_source(golden["eoi.input_ids"], golden["decoder_input_ids"])
        report.at_most("states with the end of an image", worst(found["source.states"], golden["eoi.encoder.hidden.final"]),
                       F32_BOUND)


def check_low(quant, model, golden, report):
    """The noise of bfloat16 is that of transformers; what must hold of integers is that
    nothing breaks and that the cache does not matter."""
    found = model.answer_source(golden["input_ids"], golden["decoder_input_ids"])["logits"]
    difference = np.abs(found - golden["logits"])
    if quant == "bf16":
        noise = np.abs(golden["bf16.logits"] - golden["logits"])
        report.at_most("mean difference of logits", difference.mean(), 2 * noise.mean())
        report.at_most("largest difference of logits", difference.max(), 2 * noise.max())
    report.equal("finite logits", [bool(np.isfinite(found).all())], [True])
    report.note("mean difference", difference.mean())
    report.note("same best token", (found.argmax(-1) == golden["logits"].argmax(-1)).mean())
    cached = model.answer_source(golden["input_ids"], golden["decoder_input_ids"], cache=True)["logits"]
    report.note("through the cache", worst(cached, found))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--quant", default="f32")
    options = parser.parse_args()

    golden = safetensors_io.load(os.path.join(options.case, "golden.safetensors"))
    model = lapidary.Model(options.case, "--quant", options.quant)
    report = lapidary.Report()
    if options.quant == "f32":
        check_float32(model, golden, report)
    else:
        check_low(options.quant, model, golden, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
