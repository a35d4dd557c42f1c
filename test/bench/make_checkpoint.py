#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a checkpoint of a released shape with random weights, to measure with.

    make_checkpoint.py 1b /tmp/gemma3-1b
    make_checkpoint.py 4b /tmp/gemma3-4b --shards 2 --tokenizer test/tokenizers/gemma3.model
    make_checkpoint.py 4-31b /tmp/gemma4-31b --hollow

Speed does not depend on the values, so one block of random numbers serves all tensors: cut at another
place for each, so that no two rows are equal. What such a model says is meaningless. The same shape and
seed give the same bytes. With --hollow the matrices of layers are zero and a hole in the file, which takes
no space; embeddings, norms and routers are random, so that tokens go to different experts.
"""
import argparse
import json
import os
import pathlib
import shutil
import struct

import numpy as np

import shapes

BLOCK = 1 << 21
# More elements than a norm or a router has.
LARGE = 1 << 19


def make_block(seed):
    """Random bfloat16 numbers with deviation 0.02, as their upper halves of float32."""
    values = np.random.default_rng(seed).standard_normal(BLOCK, np.float32) * np.float32(0.02)
    return (values.view(np.uint32) >> 16).astype("<u2")


def write_tensor(file, block, elements, random):
    while elements:
        start = int(random.integers(BLOCK // 2))
        piece = block[start:start + elements]
        file.write(piece)
        elements -= len(piece)


def write_shard(path, tensors, block, random, hollow):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, dims in tensors:
        size = 2 * int(np.prod(dims))
        header[name] = {"dtype": "BF16", "shape": dims, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, dims in tensors:
            elements = int(np.prod(dims))
            if hollow and elements > LARGE and not name.endswith("embed_tokens.weight"):
                file.seek(2 * elements, os.SEEK_CUR)
            else:
                write_tensor(file, block, elements, random)
        file.truncate(file.tell())
    return offset


def split(tensors, count):
    """Splits a list into `count` runs of about the same size in bytes."""
    runs, total, done = [[] for _ in range(count)], sum(np.prod(dims) for _, dims in tensors), 0
    for name, dims in tensors:
        runs[min(count - 1, int(done * count / total))].append((name, dims))
        done += np.prod(dims)
    return [run for run in runs if run]


def write_weights(folder, shards, options):
    block = make_block(options.seed)
    random = np.random.default_rng(options.seed + 1)
    if len(shards) == 1:
        return write_shard(folder / "model.safetensors", shards[0], block, random, options.hollow)
    index = {"metadata": {"total_size": 0}, "weight_map": {}}
    for number, tensors in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        index["metadata"]["total_size"] += write_shard(folder / name, tensors, block, random, options.hollow)
        index["weight_map"].update({tensor: name for tensor, _ in tensors})
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    return index["metadata"]["total_size"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=shapes.NAMES)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--shards", type=int, default=1, help="files to split the weights into")
    parser.add_argument("--tokenizer", help="a sentencepiece model to put beside the weights")
    parser.add_argument("--hollow", action="store_true", help="leave matrices of layers out, but for their shapes")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.shards < 1:
        parser.error("argument --shards: expects at least 1")
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "config.json").write_text(json.dumps(shapes.make_config(options.shape), indent=2) + "\n")
    if options.tokenizer:
        shutil.copyfile(options.tokenizer, options.folder / "tokenizer.model")
    size = write_weights(options.folder, split(list(shapes.list_tensors(options.shape)), options.shards), options)
    print(f"{options.folder}: {size // 2 / 1e6:.1f} million parameters, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
