#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a Gemma 3 text checkpoint in bfloat16 as GGUF, so that llama.cpp can be measured on the same weights.

    to_gguf.py /tmp/gemma3-1b /tmp/gemma3-1b-bf16.gguf
    llama-quantize /tmp/gemma3-1b-bf16.gguf /tmp/gemma3-1b-q4_0.gguf Q4_0

No tokenizer goes in: measuring feeds token ids. Needs numpy and gguf.
"""
import argparse
import json
import pathlib
import struct

import gguf
import numpy as np

LAYER = {"input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
         "self_attn.v_proj": "attn_v", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
         "self_attn.o_proj": "attn_output", "post_attention_layernorm": "post_attention_norm",
         "pre_feedforward_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
         "mlp.down_proj": "ffn_down", "post_feedforward_layernorm": "post_ffw_norm"}
MODEL = {"embed_tokens": "token_embd", "norm": "output_norm"}
PREFIXES = ("language_model.model.", "model.")


def list_tensors(folder):
    """Yields name, dimensions and the bfloat16 bits of each tensor, mapped."""
    for path in sorted(folder.glob("*.safetensors")):
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        for name, entry in header.items():
            if entry["dtype"] != "BF16":
                raise SystemExit(f"{path}: tensor '{name}' is {entry['dtype']}, expects BF16")
            begin, end = entry["data_offsets"]
            yield name, np.memmap(path, "<u2", "r", 8 + length + begin, ((end - begin) // 2,)).reshape(entry["shape"])


def rename(name):
    """The name in GGUF; None for tensors outside of the text model."""
    prefix = next((prefix for prefix in PREFIXES if name.startswith(prefix)), None)
    if prefix is None:
        return None
    name = name.removeprefix(prefix).removesuffix(".weight")
    if name in MODEL:
        return f"{MODEL[name]}.weight"
    _, index, part = name.split(".", 2)
    return f"blk.{index}.{LAYER[part]}.weight"


def add_config(writer, config):
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_sliding_window(config["sliding_window"])
    if config.get("rope_scaling"):
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(config["rope_scaling"]["factor"])
    writer.add_tokenizer_model("none")
    writer.add_vocab_size(config["vocab_size"])


def add_tensors(writer, folder):
    for name, bits in list_tensors(folder):
        target = rename(name)
        if target is None:
            continue
        if bits.ndim == 1:
            # Norms: Gemma keeps their difference from one, llama.cpp wants the factor, in float32.
            writer.add_tensor(target, (bits.astype(np.uint32) << 16).view(np.float32) + np.float32(1))
        else:
            writer.add_tensor(target, bits.view(np.uint8), raw_dtype=gguf.GGMLQuantizationType.BF16)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    options = parser.parse_args()
    config = json.loads((options.checkpoint / "config.json").read_text())
    writer = gguf.GGUFWriter(options.output, "gemma3")
    add_config(writer, config.get("text_config", config))
    add_tensors(writer, options.checkpoint)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
