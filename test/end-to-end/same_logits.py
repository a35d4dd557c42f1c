# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Two targets compute the same logits, bit for bit, for a prompt of random tokens.

  same_logits.py CHECKPOINT TARGET OTHER [--quant int8|int4] [--tokens N] [--runner COMMAND]
"""
import argparse
import json
import os
import sys

import numpy as np

import lapidary


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("target")
    parser.add_argument("other")
    parser.add_argument("--quant", default="int8")
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--runner", default="lapidary", help="the command that runs artifacts of the target")
    options = parser.parse_args()

    with open(os.path.join(options.checkpoint, "config.json"), encoding="utf-8") as f:
        vocabulary = json.load(f)["vocab_size"]
    prompt = np.random.default_rng(1).integers(vocabulary, size=(1, options.tokens))

    def logits(target, runner):
        return lapidary.Model(options.checkpoint, "--quant", options.quant, "--target", target,
                              runner=runner).forward(prompt)

    report = lapidary.Report()
    difference = logits(options.target, options.runner) - logits(options.other, "lapidary")
    report.at_most("largest difference of logits", np.abs(difference).max(), 0)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
