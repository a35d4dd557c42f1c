# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints, as Markdown, how far compiled golden cases are from transformers.

  golden_table.py FOLDER...

FOLDERs are causal cases of test/golden/text/. Differences are those of logits, the
continuation that transformers chose being fed; `same` is the share of positions
whose best token is the same.
"""
import os
import sys

import numpy as np

import lapidary
import safetensors_io


def compare(case, quant):
    """The differences of all logits, and the share of equal best tokens."""
    golden = safetensors_io.load(os.path.join(case, "golden.safetensors"))
    longer = np.concatenate([golden["input_ids"], golden["greedy.tokens"][None, :-1]], 1)
    expected = np.concatenate([golden["logits"][0], golden["greedy.logits"][1:]])
    found = lapidary.Model(case, "--quant", quant).forward(longer, None, True)[0]
    return np.abs(found - expected), (found.argmax(-1) == expected.argmax(-1)).mean()


def main():
    print("| case | f32: largest | bf16: mean | same | int8: mean | same | int4: mean | same |")
    print("| --- " + "| ---: " * 7 + "|")
    for case in sys.argv[1:]:
        exact, _ = compare(case, "f32")
        cells = [os.path.basename(os.path.normpath(case)), f"{exact.max():.1e}"]
        for quant in ("bf16", "int8", "int4"):
            difference, same = compare(case, quant)
            cells += [f"{difference.mean():.3f}", f"{same:.0%}"]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
