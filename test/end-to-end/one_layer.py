# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Keeps the IR of one feed-forward block in docs/architecture.md true.

  one_layer.py PEBBLE ARCHITECTURE.md             compares, exits 1 when it differs
  one_layer.py PEBBLE ARCHITECTURE.md --update    writes it
"""
import os
import re
import sys
import tempfile

import lapidary

STAGES = {
    "0-import": "**After the frontend.** One operation per idea; weights are bytes of the checkpoint.",
    "1-simplify": "**After simplification.** Norm weights are what they are multiplied with: the offset is part of the weight's recipe.",
    "2-fusion": "**After fusion.** Two products, each with what surrounds it; the rows of gate and up interleaved.",
    "3-quantization": "**After quantization.** Every product says in which type it is computed, and its weight's recipe ends in that type.",
    "4-planning": "**After planning.** The program: kernels over packed weights and rows that have a place in the arena.",
}
BEGIN, END = "<!-- one layer: begin -->\n", "<!-- one layer: end -->\n"


def feed_forward(text):
    """The lines of the first layer's feed-forward block: from its norm up to the
    next layer, values numbered from 0."""
    lines = text[re.search(r"^  (func\.func|plan\.program)", text, re.M).start():].splitlines()
    first = next(i for i, line in enumerate(lines) if "@layers.0.pre_feedforward_layernorm" in line)
    last = next(i for i, line in enumerate(lines) if "layers.1." in line)
    block = "".join(line.strip() + "\n" for line in lines[first:last])
    names = {}
    return re.sub(r"%\w+", lambda match: names.setdefault(match.group(), f"%{len(names)}"), block)


def section(dump):
    parts = []
    for stage, caption in STAGES.items():
        with open(os.path.join(dump, stage + ".mlir"), encoding="utf-8") as f:
            parts.append(f"{caption}\n\n```mlir\n{feed_forward(f.read())}```\n")
    return "\n".join(parts)


def main():
    pebble, page = sys.argv[1:3]
    # A named target, so that the page does not depend on where it is checked.
    with tempfile.TemporaryDirectory() as folder:
        dump = os.path.join(folder, "ir")
        lapidary.Model(os.path.join(pebble, "model"), "--quant", "int8", "--target", "x86-64-v3", "--dump-ir", dump)
        expected = "\n" + section(dump) + "\n"
    with open(page, encoding="utf-8") as f:
        before, rest = f.read().split(BEGIN)
    shown, after = rest.split(END)
    if shown == expected:
        return 0
    if "--update" in sys.argv[3:]:
        with open(page, "w", encoding="utf-8") as f:
            f.write(before + BEGIN + expected + END + after)
        return 0
    print(f"{page} shows other IR than what is compiled; with build/bin on the PATH,"
          " mend it with: python3 test/end-to-end/one_layer.py examples/pebble docs/architecture.md --update")
    print(expected)
    return 1


if __name__ == "__main__":
    sys.exit(main())
