# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares compiled Pebble with what transformers measured (examples/pebble/eval).

  pebble.py PEBBLE [--quant f32|bf16|int8|int4] [--target NAME] [--runner COMMAND]

float32 must give the 40 reference answers token for token, bfloat16 but for ties;
every scheme must keep the perplexity of the held-out text and the share of right
answers.
"""
import argparse
import json
import os
import sys

import numpy as np

import lapidary

# For each scheme: relative bound on the perplexity, points of accuracy that may
# be lost.
BOUNDS = {"f32": (0.0005, 0.002), "bf16": (0.002, 0.01), "int8": (0.005, 0.01), "int4": (0.03, 0.03)}


# Two logits this close are a tie in bfloat16: one step of a number above 16.
TIE = 0.125


def teacher_forced(samples):
    """Prompts with their reference answers, left-padded to one batch, and for each
    row the positions that choose the answer and the end of the turn."""
    rows = [sample["prompt_ids"] + sample["output_ids"] for sample in samples]
    width = max(map(len, rows))
    ids = np.array([[0] * (width - len(row)) + row for row in rows])
    mask = np.array([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    choosing = [slice(width - len(sample["output_ids"]) - 1, width) for sample in samples]
    return ids, mask, choosing


def check_samples(forward, samples, end_of_turn, report):
    """Every token of a reference answer is the best one, and then the end of the
    turn."""
    ids, mask, choosing = teacher_forced(samples)
    for cache in (False, True):
        how = "through the cache" if cache else "at once"
        best = forward(ids, mask, cache).argmax(-1)
        for sample, row, positions in zip(samples, best, choosing):
            report.equal(f"{sample['skill']} {how}", row[positions].tolist(), sample["output_ids"] + [end_of_turn])


def check_ties(forward, forward_float32, samples, end_of_turn, report):
    """Where another token than the reference's is best, float32 has both as close
    as a bfloat16 logit can tell."""
    ids, mask, choosing = teacher_forced(samples)
    exact = forward_float32(ids, mask)
    for cache in (False, True):
        how = "through the cache" if cache else "at once"
        best = forward(ids, mask, cache).argmax(-1)
        for row, sample in enumerate(samples):
            expected = np.array(sample["output_ids"] + [end_of_turn])
            found, logits = best[row, choosing[row]], exact[row, choosing[row]]
            step = np.arange(len(expected))
            report.at_most(f"{sample['skill']} {how}, margin of what differs",
                           (logits[step, expected] - logits[step, found]).max(), TIE)


def check_quality(evaluate, pebble, reference, bounds, report):
    perplexity_bound, accuracy_bound = bounds
    found = evaluate("--perplexity", os.path.join(pebble, "eval", "heldout.txt"))
    report.equal("tokens of the held-out text", [found["tokens"]], [reference["tokens"]])
    report.at_most("relative difference of perplexity", abs(found["perplexity"] / reference["perplexity"] - 1),
                   perplexity_bound)
    found = evaluate("--questions", os.path.join(pebble, "eval", "questions.jsonl"))["accuracy"]
    report.at_most("accuracy lost", reference["accuracy"] - found["all"], accuracy_bound)
    report.at_most("accuracy gained", found["all"] - reference["accuracy"], accuracy_bound)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pebble")
    parser.add_argument("--quant", default="f32", choices=BOUNDS)
    parser.add_argument("--target", default="host")
    parser.add_argument("--runner", default="lapidary", help="the command that runs artifacts of the target")
    options = parser.parse_args()

    with open(os.path.join(options.pebble, "eval", "reference.json"), encoding="utf-8") as f:
        reference = json.load(f)["results"]["float32"]
    checkpoint = os.path.join(options.pebble, "model")
    with open(os.path.join(checkpoint, "config.json"), encoding="utf-8") as f:
        end_of_turn = json.load(f)["eos_token_id"][-1]

    def compiled(quant):
        return lapidary.Model(checkpoint, "--quant", quant, "--target", options.target,
                              runner=options.runner)

    model = compiled(options.quant)
    report = lapidary.Report()
    if options.quant == "f32":
        check_samples(model.forward, reference["samples"], end_of_turn, report)
    if options.quant == "bf16":
        check_ties(model.forward, compiled("f32").forward, reference["samples"], end_of_turn, report)
    check_quality(model.evaluate, options.pebble, reference, BOUNDS[options.quant], report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
