# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares a compiled target and its draft head with what transformers computed.

  golden_draft.py CASE [--quant f32|bf16|int8|int4]

CASE is a folder of test/golden/text/ whose `target/` is the target; its README says
what the tensors are.
"""
import argparse
import os
import sys

import numpy as np

import lapidary
import safetensors_io

F32_BOUND = 5e-4


def worst(found, expected):
    return np.abs(found - expected).max()


def check_float32(found, golden, report):
    """Logits and states of the target, and of every guess."""
    report.at_most("logits", worst(found["logits"], golden["target.logits"]), F32_BOUND)
    report.at_most("states", worst(found["states"], golden["target.hidden.final"]), F32_BOUND)
    for step in range(found["draft.logits"].shape[1]):
        logits, states = found["draft.logits"][0, step], found["draft.states"][0, step]
        report.at_most(f"logits of guess {step}", worst(logits, golden[f"draft.{step}.logits"][0, 0]), F32_BOUND)
        report.at_most(f"states of guess {step}", worst(states, golden[f"draft.{step}.hidden"][0, 0]), F32_BOUND)
        report.equal(f"token of guess {step}", [logits.argmax()], golden[f"draft.{step}.token"].tolist())


def check_finite(found, golden, report):
    """Figures for people: a wrong token leads the guesses after it elsewhere."""
    for name, tensor in found.items():
        report.equal(f"finite {name}", [bool(np.isfinite(tensor).all())], [True])
    report.note("mean difference of the first guess", np.abs(found["draft.logits"][0, 0] - golden["draft.0.logits"]).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--quant", default="f32")
    options = parser.parse_args()

    golden = safetensors_io.load(os.path.join(options.case, "golden.safetensors"))
    drafts = sum(name.endswith(".token") for name in golden)
    model = lapidary.Model(os.path.join(options.case, "target"), "--draft", options.case, "--quant", options.quant)
    report = lapidary.Report()
    prompt = golden["input_ids"]
    alone = model.draft(prompt, drafts)
    check = check_float32 if options.quant == "f32" else check_finite
    check(alone, golden, report)

    for name, tensor in model.draft(prompt, drafts, cache=True).items():
        difference = worst(tensor, alone[name])
        if options.quant == "f32":
            report.at_most(f"{name} through the cache", difference, F32_BOUND)
        else:
            report.note(f"{name} through the cache", difference)

    # Beside a shorter prompt, whose guesses are its own.
    batch = np.concatenate([prompt, prompt])
    mask = np.ones_like(batch)
    mask[1, :5] = 0
    both = model.draft(batch, drafts, mask)
    shorter = model.draft(prompt[:, 5:], drafts)
    for name in ("draft.logits", "draft.states"):
        report.equal(f"{name} in a batch", [np.array_equal(both[name][0], alone[name][0]),
                                            np.array_equal(both[name][1], shorter[name][0])], [True, True])
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
