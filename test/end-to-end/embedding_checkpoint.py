# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a checkpoint like EmbeddingGemma's, with random weights and Pebble's
tokenizer, whose tokenizer.json puts <bos> and <eos> around a text.

  embedding_checkpoint.py FOLDER PEBBLE [NAME=VALUE ...]

PEBBLE is a folder with Pebble's tokenizer, names are the fields of Shape in
random_checkpoint.py.
"""
import json
import os
import shutil
import sys

import numpy as np

import random_checkpoint
import safetensors_io
from random_checkpoint import Shape

MODULES = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense"), ("3_Dense", "Dense"),
           ("4_Normalize", "Normalize")]
PROMPTS = {"query": "task: search result | query: ", "document": "title: none | text: "}


def write_json(folder, name, value):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        json.dump(value, f)


def write_transformer(folder, shape):
    config = random_checkpoint.config_of(shape)
    write_json(folder, "config.json", config | {"architectures": ["Gemma3TextModel"], "use_bidirectional_attention": True})
    random = np.random.default_rng(shape.seed)
    tensors = {name.removeprefix("model."): random_checkpoint.random_tensor(random, size)
               for name, size in random_checkpoint.tensors_of(shape)}
    safetensors_io.save(os.path.join(folder, "model.safetensors"),
                        {name: safetensors_io.encode(tensor, shape.dtype) for name, tensor in tensors.items()})


def write_dense(folder, inputs, outputs):
    write_json(folder, "config.json", {"in_features": inputs, "out_features": outputs, "bias": False,
                                       "activation_function": "torch.nn.modules.linear.Identity"})
    weight = random_checkpoint.random_tensor(np.random.default_rng(inputs), (outputs, inputs))
    safetensors_io.save(os.path.join(folder, "model.safetensors"), {"linear.weight": weight})


def write_tokenizer(folder, source):
    shutil.copy(os.path.join(source, "tokenizer.model"), folder)
    with open(os.path.join(source, "tokenizer.json"), encoding="utf-8") as f:
        tokenizer = json.load(f)
    tokenizer["post_processor"]["single"].append({"SpecialToken": {"id": "<eos>", "type_id": 0}})
    write_json(folder, "tokenizer.json", tokenizer)


def main():
    folder, source, *settings = sys.argv[1:]
    shape = Shape(**{"vocabulary": 2048, "context": 64} | random_checkpoint.parse(settings))
    write_transformer(folder, shape)
    write_tokenizer(folder, source)
    write_json(folder, "modules.json", [{"path": path, "type": "sentence_transformers.models." + kind}
                                        for path, kind in MODULES])
    write_json(os.path.join(folder, "1_Pooling"), "config.json", {"pooling_mode_mean_tokens": True})
    write_dense(os.path.join(folder, "2_Dense"), shape.hidden, 80)
    write_dense(os.path.join(folder, "3_Dense"), 80, 32)
    write_json(folder, "config_sentence_transformers.json", {"prompts": PROMPTS, "default_prompt_name": None})


if __name__ == "__main__":
    main()
