# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes Gemma 3 checkpoints with random weights, of any shape and without
tokenizer.

  random_checkpoint.py FOLDER [NAME=VALUE ...]

Names are the fields of Shape.
"""
import dataclasses
import json
import os
import sys

import numpy as np

import safetensors_io


@dataclasses.dataclass
class Shape:
    hidden: int = 64
    intermediate: int = 96
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 16
    vocabulary: int = 128
    layers: int = 2
    window: int = 8
    pattern: int = 2  # Every how many layers one sees the whole context.
    context: int = 512
    dtype: str = "BF16"
    softcap: float = 0.0  # 0 for none.
    tied: bool = True
    seed: int = 1


def config_of(shape):
    config = {
        "architectures": ["Gemma3ForCausalLM"], "model_type": "gemma3_text", "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden, "intermediate_size": shape.intermediate, "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads, "num_key_value_heads": shape.kv_heads, "head_dim": shape.head_dim,
        "query_pre_attn_scalar": shape.head_dim, "sliding_window": shape.window,
        "sliding_window_pattern": shape.pattern, "max_position_embeddings": shape.context,
        "rope_theta": 20000.0, "rope_local_base_freq": 100.0, "rms_norm_eps": 1e-6,
        "hidden_activation": "gelu_pytorch_tanh", "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0,
        "tie_word_embeddings": shape.tied,
    }
    if shape.softcap:
        config["final_logit_softcapping"] = shape.softcap
    return config


def tensors_of(shape):
    """Yields (name, shape of the tensor)."""
    hidden, inner = shape.hidden, shape.intermediate
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    yield "model.embed_tokens.weight", (shape.vocabulary, hidden)
    for layer in range(shape.layers):
        parts = {
            "input_layernorm": (hidden,), "post_attention_layernorm": (hidden,), "pre_feedforward_layernorm": (hidden,),
            "post_feedforward_layernorm": (hidden,), "self_attn.q_proj": (queries, hidden),
            "self_attn.k_proj": (keys, hidden), "self_attn.v_proj": (keys, hidden),
            "self_attn.o_proj": (hidden, queries), "self_attn.q_norm": (shape.head_dim,),
            "self_attn.k_norm": (shape.head_dim,), "mlp.gate_proj": (inner, hidden), "mlp.up_proj": (inner, hidden),
            "mlp.down_proj": (hidden, inner),
        }
        for name, size in parts.items():
            yield f"model.layers.{layer}.{name}.weight", size
    yield "model.norm.weight", (hidden,)
    if not shape.tied:
        yield "lm_head.weight", (shape.vocabulary, hidden)


def random_tensor(random, size):
    """Numbers that keep the size of activations: norms around their offset of 1."""
    scale = 0.2 if len(size) == 1 else size[1] ** -0.5
    return (random.standard_normal(size) * scale).astype(np.float32)


def write_checkpoint(folder, shape):
    random = np.random.default_rng(shape.seed)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as f:
        json.dump(config_of(shape), f)
    tensors = {name: safetensors_io.encode(random_tensor(random, size), shape.dtype) for name, size in tensors_of(shape)}
    safetensors_io.save(os.path.join(folder, "model.safetensors"), tensors)


def parse(settings):
    """Returns {name: value} of settings NAME=VALUE."""
    types = {field.name: field.type for field in dataclasses.fields(Shape)}
    values = dict(setting.split("=", 1) for setting in settings)
    return {name: types[name](value) for name, value in values.items()}


def main():
    folder, *settings = sys.argv[1:]
    write_checkpoint(folder, Shape(**parse(settings)))


if __name__ == "__main__":
    main()
