#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a Gemma 3 checkpoint of a released shape with random weights, to measure with.

    make_checkpoint.py 1b /tmp/gemma3-1b
    make_checkpoint.py 4b /tmp/gemma3-4b --shards 2 --tokenizer test/tokenizers/gemma3.model

Speed does not depend on the values, so one block of random numbers serves all tensors: cut at another
place for each, so that no two rows are equal. What such a model says is meaningless. The same shape and
seed give the same bytes.
"""
import argparse
import json
import pathlib
import shutil
import struct

import numpy as np

TEXT = {"attention_bias": False, "attention_dropout": 0.0, "attn_logit_softcapping": None,
        "final_logit_softcapping": None, "head_dim": 256, "hidden_activation": "gelu_pytorch_tanh",
        "initializer_range": 0.02, "model_type": "gemma3_text", "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-6,
        "rope_local_base_freq": 10000.0, "rope_scaling": None, "rope_theta": 1000000.0, "sliding_window_pattern": 6,
        "tie_word_embeddings": True, "use_cache": True}
SHAPES = {
    "270m": {"hidden_size": 640, "intermediate_size": 2048, "num_hidden_layers": 18, "num_attention_heads": 4,
             "num_key_value_heads": 1, "sliding_window": 512, "vocab_size": 262144, "max_position_embeddings": 32768},
    "1b": {"hidden_size": 1152, "intermediate_size": 6912, "num_hidden_layers": 26, "num_attention_heads": 4,
           "num_key_value_heads": 1, "sliding_window": 512, "vocab_size": 262144, "max_position_embeddings": 32768},
    "4b": {"hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34, "num_attention_heads": 8,
           "num_key_value_heads": 4, "sliding_window": 1024, "vocab_size": 262208, "max_position_embeddings": 131072,
           "rope_scaling": {"factor": 8.0, "rope_type": "linear"}},
}
# Released with an image encoder: their text model is a part of another.
WRAPPED = {"4b"}
BLOCK = 1 << 21


def make_config(shape):
    common = {"bos_token_id": 2, "eos_token_id": [1, 106], "pad_token_id": 0, "torch_dtype": "bfloat16"}
    text = {**TEXT, **SHAPES[shape]}
    if shape in WRAPPED:
        return {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", **common,
                "text_config": text}
    return {"architectures": ["Gemma3ForCausalLM"], **text, **common}


def list_tensors(shape):
    """Yields name and dimensions."""
    config = {**TEXT, **SHAPES[shape]}
    prefix = "language_model.model." if shape in WRAPPED else "model."
    hidden, inner, head = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    layer = {"input_layernorm": [hidden], "self_attn.q_proj": [queries, hidden], "self_attn.k_proj": [keys, hidden],
             "self_attn.v_proj": [keys, hidden], "self_attn.q_norm": [head], "self_attn.k_norm": [head],
             "self_attn.o_proj": [hidden, queries], "post_attention_layernorm": [hidden],
             "pre_feedforward_layernorm": [hidden], "mlp.gate_proj": [inner, hidden], "mlp.up_proj": [inner, hidden],
             "mlp.down_proj": [hidden, inner], "post_feedforward_layernorm": [hidden]}
    yield f"{prefix}embed_tokens.weight", [config["vocab_size"], hidden]
    for index in range(config["num_hidden_layers"]):
        for name, dims in layer.items():
            yield f"{prefix}layers.{index}.{name}.weight", dims
    yield f"{prefix}norm.weight", [hidden]


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


def write_shard(path, tensors, block, random):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, dims in tensors:
        size = 2 * int(np.prod(dims))
        header[name] = {"dtype": "BF16", "shape": dims, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, dims in tensors:
            write_tensor(file, block, int(np.prod(dims)), random)
    return offset


def split(tensors, count):
    """Splits a list into `count` runs of about the same size in bytes."""
    runs, total, done = [[] for _ in range(count)], sum(np.prod(dims) for _, dims in tensors), 0
    for name, dims in tensors:
        runs[min(count - 1, int(done * count / total))].append((name, dims))
        done += np.prod(dims)
    return [run for run in runs if run]


def write_weights(folder, shards, options):
    block, random = make_block(options.seed), np.random.default_rng(options.seed + 1)
    if len(shards) == 1:
        return write_shard(folder / "model.safetensors", shards[0], block, random)
    index = {"metadata": {"total_size": 0}, "weight_map": {}}
    for number, tensors in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        index["metadata"]["total_size"] += write_shard(folder / name, tensors, block, random)
        index["weight_map"].update({tensor: name for tensor, _ in tensors})
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    return index["metadata"]["total_size"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--shards", type=int, default=1, help="files to split the weights into")
    parser.add_argument("--tokenizer", help="a sentencepiece model to put beside the weights")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.shards < 1:
        parser.error("argument --shards: expects at least 1")
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "config.json").write_text(json.dumps(make_config(options.shape), indent=2) + "\n")
    if options.tokenizer:
        shutil.copyfile(options.tokenizer, options.folder / "tokenizer.model")
    size = write_weights(options.folder, split(list(list_tensors(options.shape)), options.shards), options)
    print(f"{options.folder}: {size // 2 / 1e6:.1f} million parameters, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
