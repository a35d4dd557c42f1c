# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares a part of a MatFormer checkpoint with a checkpoint that is only that part.

  slice.py CHECKPOINT FOLDER --layers N.. --widths N.. [compiler options]

Writes to FOLDER what numpy cuts out of CHECKPOINT, the layers with feed-forward blocks of
the widths; compiles it, and CHECKPOINT with --slice. Their logits must be the same bits.
"""
import argparse
import json
import pathlib
import re
import sys

import numpy as np

import lapidary
import safetensors_io


def cut_config(config, layers, widths):
    shared = config["num_hidden_layers"] - config["num_kv_shared_layers"]
    return {**config, "num_hidden_layers": len(layers), "intermediate_size": widths,
            "num_kv_shared_layers": sum(layer >= shared for layer in layers),
            **{name: [config[name][layer] for layer in layers] for name in ("layer_types", "activation_sparsity_pattern")}}


def cut_blocks(array, axis, count, layers):
    """Of `count` equal blocks along `axis` those of `layers`."""
    return np.concatenate([np.split(array, count, axis)[layer] for layer in layers], axis)


def cut_tensors(tensors, count, layers, widths):
    for name, array in tensors.items():
        if "embed_tokens_per_layer" in name:
            yield name, cut_blocks(array, 1, count, layers)
        elif "per_layer_model_projection" in name:
            yield name, cut_blocks(array, 0, count, layers)
        elif not (match := re.search(r"(?<=layers\.)\d+", name)):
            yield name, array
        elif (layer := int(match[0])) in layers:
            index = layers.index(layer)
            if "gate_proj" in name or "up_proj" in name:
                array = array[:widths[index]]
            elif "down_proj" in name:
                array = array[:, :widths[index]]
            yield name[:match.start()] + str(index) + name[match.end():], array


def cut(source, folder, layers, widths):
    config = json.loads((source / "config.json").read_text())
    tensors = safetensors_io.load(source / "model.safetensors")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(cut_config(config, layers, widths)))
    parts = cut_tensors(tensors, config["num_hidden_layers"], layers, widths)
    safetensors_io.save(folder / "model.safetensors",
                        {name: safetensors_io.encode(array, "BF16") for name, array in parts})
    return config["vocab_size"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--layers", type=int, nargs="+")
    parser.add_argument("--widths", type=int, nargs="+")
    options, others = parser.parse_known_args()
    vocabulary = cut(options.checkpoint, options.folder, options.layers, options.widths)
    layers, widths = (",".join(map(str, numbers)) for numbers in (options.layers, options.widths))
    sliced = lapidary.Model(str(options.checkpoint), "--slice", f"layers={layers} intermediate_size={widths}", *others)
    alone = lapidary.Model(str(options.folder), *others)

    report = lapidary.Report()
    tokens = np.random.default_rng(1).integers(vocabulary, size=(2, 40))
    expected = alone.forward(tokens)
    report.equal("logits", sliced.forward(tokens).tobytes(), expected.tobytes())
    report.at_most("least deviation of logits", 1 / expected.std(), 10)
    facts = [json.loads(lapidary.run(["lapidary", "inspect", model.path, "--json"]))["model"] for model in (sliced, alone)]
    for name in ("parameters", "layers"):
        report.equal(name, [facts[0][name]], [facts[1][name]])
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
