# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds compiled models of unusual shapes to the reference evaluator.

  odd_shapes.py NAME [--target NAME,...]

NAME is one of SHAPES. Each scheme is compiled for all targets; logits must be
those of `lapidary-translate --evaluate` on the module after quantization, for any
target, number of threads and cut of the prompts, and the same bits on all targets.
"""
import argparse
import os
import sys
import tempfile

import numpy as np

import lapidary
import random_checkpoint
import safetensors_io
from random_checkpoint import Shape

# What is odd: widths that are no multiple of a vector, of a group of 32 or of a
# slice of 64; every ratio of heads; prompts over several pages and steps.
SHAPES = {
    "narrow": (Shape(hidden=40, intermediate=104, heads=1, kv_heads=1, head_dim=8, vocabulary=17, layers=1, window=1,
                     pattern=6, dtype="F32"), 21),
    "three-heads": (Shape(hidden=72, intermediate=40, heads=3, kv_heads=1, head_dim=24, vocabulary=515, layers=3,
                          window=5, dtype="F16", softcap=20.0, tied=False), 90),
    "wide-heads": (Shape(hidden=100, intermediate=136, heads=8, kv_heads=1, head_dim=80, vocabulary=1000, window=64), 310),
    "sixteen-heads": (Shape(hidden=33, intermediate=31, heads=16, kv_heads=1, head_dim=6, vocabulary=64, window=17), 140),
    "own-keys": (Shape(hidden=130, intermediate=65, heads=5, kv_heads=5, head_dim=32, vocabulary=129, layers=3,
                       window=16, dtype="F32", tied=False), 70),
}
# Relative to the largest logit: differences of float32 sums in another order; of
# a rounding of activations that falls on the other side now and then.
BOUNDS = {"f32": (1e-5, 1e-5), "bf16": (0.002, 0.02), "int8": (0.002, 0.02), "int4": (0.002, 0.02)}


def pipeline(quant):
    scale = "" if quant == "f32" else "{round-embedding-scale}"
    return f"gemma-simplify-pipeline{scale},gemma-fusion-pipeline,gemma-quantization-pipeline{{scheme={quant}}}"


def cut_pipeline(quant):
    """Steps of at most 7 rows, attention over at most 3, pages of 16 positions."""
    return (f"{pipeline(quant)},plan-lower-gemma{{kv=f32 max-rows=7 block-rows=3 page-tokens=16}},cse,"
            "plan.program(plan-place-buffers),plan-place-weights")


def prompts_of(shape, tokens):
    """A batch of two prompts, the second shorter and padded on the left."""
    ids = np.random.default_rng(7).integers(0, shape.vocabulary, (2, tokens))
    mask = np.ones_like(ids)
    mask[1, :tokens // 3] = 0
    return ids, mask


def evaluate(folder, checkpoint, quant, ids, mask):
    """The oracle: logits of the module after quantization."""
    imported, module, source, result = (
        os.path.join(folder, name) for name in ("imported.mlir", "module.mlir", "in.safetensors", "out.safetensors"))
    lapidary.run(["lapidary-translate", "--import-hf", checkpoint, "-o", imported])
    lapidary.run(["lapidary-opt", imported, f"--pass-pipeline=builtin.module({pipeline(quant)})", "-o", module])
    safetensors_io.save(source, {"input_ids": ids, "attention_mask": mask})
    lapidary.run(["lapidary-translate", "--evaluate", module, "--input", source, "-o", result])
    return safetensors_io.load(result)["logits"]


def targets_here():
    """All targets that this machine runs, the best first."""
    lines = lapidary.run(["lapidary", "targets"]).splitlines()[1:]
    return [line.split()[0] for line in lines if line.split()[2].startswith("yes")]


def check_scheme(folder, checkpoint, quant, targets, prompts, report):
    expected = evaluate(folder, checkpoint, quant, *prompts)
    seen = prompts[1].astype(bool)

    def compare(how, logits):
        difference = np.abs(logits - expected)[seen] / np.abs(expected).max()
        mean, largest = BOUNDS[quant]
        report.at_most(f"{quant} {how}, mean difference", difference.mean(), mean)
        report.at_most(f"{quant} {how}, largest difference", difference.max(), largest)

    def same(how, logits, others):
        report.equal(f"{quant} {how}", [bool((logits == others).all())], [True])

    options = ["--quant", quant, "--kv", "f32", "--target"]
    model = lapidary.Model(checkpoint, *options, ",".join(targets))
    best = None
    for target in targets:
        model.variant = target
        logits = model.forward(*prompts, threads=1)
        compare(target, logits)
        # Only sums of bfloat16 products are rounded differently.
        best = logits if best is None or quant == "bf16" else best
        same(f"{target} as by {targets[0]}", logits, best)
        same(f"{target} by two threads", model.forward(*prompts, threads=2), logits)
        compare(f"{target} token by token", model.forward(*prompts, cache=True))
    cut = lapidary.Model(checkpoint, *options, targets[0], "--pipeline", cut_pipeline(quant))
    compare("cut in sevens", cut.forward(*prompts))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=SHAPES)
    parser.add_argument("--target", help="default: all that this machine runs")
    options = parser.parse_args()
    shape, tokens = SHAPES[options.name]
    targets = options.target.split(",") if options.target else targets_here()
    report = lapidary.Report()
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = os.path.join(folder, "checkpoint")
        random_checkpoint.write_checkpoint(checkpoint, shape)
        prompts = prompts_of(shape, tokens)
        for quant in BOUNDS:
            check_scheme(folder, checkpoint, quant, targets, prompts, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
