# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares what the reference evaluator computes with a golden case.

  evaluate_golden.py CASE MODULE [QUANT]

MODULE is the IR of the checkpoint CASE, perhaps after some passes. QUANT is the
format of its weights, and how close it must come: f32, bf16, int8 or int4.
"""
import os
import re
import sys
import tempfile

import golden_text
import lapidary
import numpy as np
import safetensors_io


def evaluate(module, input_ids, attention_mask, cache=False):
    """Returns logits or embeddings; with `cache` each step takes one token."""
    tensors = {"input_ids": np.asarray(input_ids, np.int32)}
    if attention_mask is not None:
        tensors["attention_mask"] = np.asarray(attention_mask, np.int32)
    with tempfile.TemporaryDirectory() as folder:
        source, result = (os.path.join(folder, name) for name in ("in.safetensors", "out.safetensors"))
        safetensors_io.save(source, tensors)
        lapidary.run(["lapidary-translate", "--evaluate", module, "--input", source, "-o", result,
                      *(["--step-size", "1"] if cache else [])])
        [tensor] = safetensors_io.load(result).values()
        return tensor


def check_encoder(module, golden, report):
    """Compares what comes after pooling, after the linear layers and at the end."""
    golden_text.check_embedding(lambda *inputs: evaluate(module, *inputs), golden, report)
    with open(module, encoding="utf-8") as f:
        ir = f.read()
    for name, op in ("pooled", "mean_rows"), ("dense", "linear"):
        last = re.findall(rf"(%\w+) = gemma\.{op} ", ir)[-1]
        with tempfile.NamedTemporaryFile("w", suffix=".mlir") as shorter:
            shorter.write(re.sub(r"return %\w+", f"return {last}", ir))
            shorter.flush()
            golden_text.check_embedding(lambda *inputs: evaluate(shorter.name, *inputs), golden, report, name)


def main():
    case, module, *rest = sys.argv[1:]
    quant = rest[0] if rest else "f32"
    golden = safetensors_io.load(os.path.join(case, "golden.safetensors"))
    report = lapidary.Report()
    if "embedding" in golden:
        check_encoder(module, golden, report)
        return report.finish()
    check = {"f32": golden_text.check_float32, "bf16": golden_text.check_bfloat16}.get(quant, golden_text.check_finite)
    check(lambda *inputs: evaluate(module, *inputs), golden, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
