# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One artifact computes the same bits on several machines.

  machines.py CHECKPOINT [--quant f32|int8|int4] --target NAME,.. --runner COMMAND...
              [--tokens N] [--question TEXT...]

Not for bfloat16: instructions that add its products differ in how they round.
"""
import argparse
import json
import os
import sys

import numpy as np

import lapidary


def random_batch(checkpoint, longest):
    """Three prompts, left-padded, as (ids, mask)."""
    with open(os.path.join(checkpoint, "config.json"), encoding="utf-8") as f:
        vocabulary = json.load(f)["vocab_size"]
    lengths = np.array([longest, longest // 3 + 1, 1])[:, None]
    mask = np.arange(longest) >= longest - lengths
    return np.random.default_rng(3).integers(vocabulary, size=mask.shape) * mask, mask


class Results:
    """What one machine makes of a batch, at once and through the cache, and of
    questions."""

    def __init__(self, model, ids, mask, questions):
        self.logits = [model.forward(ids, mask, cache, threads=1)[mask] for cache in (False, True)]
        self.answers = [model.answer(question, "--chat", "--temperature", "0", "--max-tokens", "16", "--threads", "1")["ids"]
                        for question in questions]

    def compare(self, other, machine, report):
        different = sum(np.count_nonzero(a.view(np.int32) != b.view(np.int32))
                        for a, b in zip(self.logits, other.logits))
        report.at_most(f"different logits by {machine}", different, 0)
        report.equal(f"answers by {machine}", self.answers, other.answers)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("--quant", default="f32", choices=("f32", "int8", "int4"))
    parser.add_argument("--target", required=True)
    parser.add_argument("--runner", action="append", required=True, help="a command that runs the artifact; two at least")
    parser.add_argument("--tokens", type=int, default=19, help="of the longest prompt")
    parser.add_argument("--question", action="append", default=[], help="to be answered by the model")
    options = parser.parse_args()

    model = lapidary.Model(options.checkpoint, "--quant", options.quant, "--target", options.target)
    ids, mask = random_batch(options.checkpoint, options.tokens)
    report = lapidary.Report()
    expected = None
    for runner in options.runner:
        model.set_runner(runner)
        found = Results(model, ids, mask, options.question)
        expected = expected or found
        found.compare(expected, runner, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
