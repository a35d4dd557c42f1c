# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pebble's answers do not depend on the number of threads, on what else is in the
batch, or on how a prompt was cut into steps.

  invariance.py PEBBLE [--quant f32|bf16|int8|int4] [--kv f32|bf16|int8] [--target NAME]
                [--runner COMMAND]
"""
import argparse
import json
import os
import sys

import numpy as np

import lapidary

QUESTIONS = ["What is the price of Corvane?", "What is 17 + 25?", "Who are you?"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pebble")
    parser.add_argument("--quant", default="f32")
    parser.add_argument("--kv", help="default: that of the compiler")
    parser.add_argument("--target", default="host")
    parser.add_argument("--runner", default="lapidary", help="the command that runs artifacts of the target")
    options = parser.parse_args()
    with open(os.path.join(options.pebble, "eval", "reference.json"), encoding="utf-8") as f:
        samples = json.load(f)["results"]["float32"]["samples"][:8]
    kv = ["--kv", options.kv] if options.kv else []
    model = lapidary.Model(os.path.join(options.pebble, "model"), "--quant", options.quant, "--target", options.target,
                           *kv, runner=options.runner)
    report = lapidary.Report()

    for question in QUESTIONS:
        def ask(threads):
            return model.answer(question, "--chat", "--temperature", "0", "--threads", str(threads))["ids"]
        alone = ask(1)
        for threads in (2, 3, 5):
            report.equal(f"{question} with {threads} threads", ask(threads), alone)

    prompts = [sample["prompt_ids"] for sample in samples]
    width = max(map(len, prompts))
    ids = np.array([[0] * (width - len(prompt)) + prompt for prompt in prompts])
    mask = np.array([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    together = model.forward(ids, mask)
    for row, prompt in enumerate(prompts):
        best = together[row, -len(prompt):].argmax(-1).tolist()
        for how, cache in (("at once", False), ("token by token", True)):
            alone = model.forward([prompt], cache=cache)[0]
            report.equal(f"prompt {row} alone {how}", alone.argmax(-1).tolist(), best)
            report.note("largest difference", np.abs(alone - together[row, -len(prompt):]).max())
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
