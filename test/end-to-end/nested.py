# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares models that are nested in an artifact with artifacts of their own.

  nested.py CHECKPOINT FOLDER [compiler options]

Writes to FOLDER a MatFormer checkpoint like CHECKPOINT with wide feed-forward blocks; compiles
it with smaller models nested in it, and each of them with --slice. Their logits must be the same
bits, and the artifact must hold the weights once.
"""
import argparse
import json
import pathlib
import sys

import numpy as np

import lapidary
import safetensors_io

WIDTH = 256
# The second has widths that blocks of packed weights do not have.
NESTED = {"half": "layers=0-3 intermediate_size=128", "odd": "intermediate_size=72"}


def widen(source, folder):
    config = json.loads((source / "config.json").read_text())
    hidden = config["hidden_size"]
    random = np.random.default_rng(3)
    tensors = {}
    for name, array in safetensors_io.load(source / "model.safetensors").items():
        if "mlp." in name:
            shape = (hidden, WIDTH) if "down_proj" in name else (WIDTH, hidden)
            array = (random.standard_normal(shape) * array.std()).astype(np.float32)
        tensors[name] = safetensors_io.encode(array, "BF16")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**config, "intermediate_size": WIDTH}))
    safetensors_io.save(folder / "model.safetensors", tensors)
    return config["vocab_size"]


def weight_bytes(model):
    sections = json.loads(lapidary.run(["lapidary", "inspect", model.path, "--json"]))["sections"]
    return next(section["bytes"] for section in sections if section["name"] == "weights")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    options, others = parser.parse_known_args()
    vocabulary = widen(options.checkpoint, options.folder)
    checkpoint = str(options.folder)
    half = f"half: {NESTED['half']}"
    whole = lapidary.Model(checkpoint, *others)
    shared = lapidary.Model(checkpoint, "--nested", half, *others)
    both = lapidary.Model(checkpoint, "--nested", f"{half}; odd: {NESTED['odd']}", *others)

    report = lapidary.Report()
    tokens = np.random.default_rng(1).integers(vocabulary, size=(2, 40))

    def same(what, found, expected):
        report.equal(what, [np.array_equal(found, expected)], [True])
    same("logits of the whole", both.forward(tokens), whole.forward(tokens))
    for name, slice_ in NESTED.items():
        alone = lapidary.Model(checkpoint, "--slice", slice_, *others).forward(tokens)
        same(f"logits of '{name}'", both.forward(tokens, nested=name), alone)
        same(f"logits of '{name}' through the cache", both.forward(tokens, nested=name, cache=True),
             both.forward(tokens, nested=name))
    # A layer's queries may be a product of their own in one model only.
    report.at_most("share of weights that 'half' adds", weight_bytes(shared) / weight_bytes(whole) - 1, 0.03)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
