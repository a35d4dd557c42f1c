# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what `lapidary embed` computes: embed.py MODEL END_TO_END FOLDER."""
import json
import os
import subprocess
import sys

import numpy as np

model, end_to_end, folder = sys.argv[1:]
sys.path.insert(0, end_to_end)
import safetensors_io  # noqa: E402

BOS, EOS = 2, 1
QUERY = "task: search result | query: "
TEXTS = ["a red gem", "", "What is the price of Corvane?", "<bos>" * 4]
os.makedirs(folder, exist_ok=True)


def run(*words, text=None):
    return subprocess.run(["lapidary", *words], input=text, check=True, stdout=subprocess.PIPE, text=True).stdout


def embed(*words, text=None):
    """The embeddings as the lines of numbers say."""
    return np.array([np.fromstring(line, np.float32, sep=" ") for line in run("embed", model, *words, text=text).splitlines()])


def forward(texts):
    """The embeddings by token ids, which are padded on the right."""
    ids = [[BOS, *json.loads(run("tokenize", model, "--json", text))["ids"], EOS] for text in texts]
    columns = max(map(len, ids))
    source, result = (os.path.join(folder, name) for name in ("in.safetensors", "out.safetensors"))
    safetensors_io.save(source, {
        "input_ids": np.array([row + [0] * (columns - len(row)) for row in ids]),
        "attention_mask": np.array([[1] * len(row) + [0] * (columns - len(row)) for row in ids])})
    run("forward", model, "--input", source, "--output", result)
    return safetensors_io.load(result)["embedding"], [len(row) for row in ids]


def normalized(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def close(a, b):
    assert a.shape == b.shape and np.abs(a - b).max() < 1e-6, (a, b)


expected, counts = forward(TEXTS)
found = embed(*TEXTS)
assert found.shape == (4, 32) and (found == expected).all()
close(normalized(found), found)

# Wherever the texts come from.
lines = "a red gem\n\nWhat is the price of Corvane?\r\n" + TEXTS[3]
assert (embed("-", text=lines) == found).all()
path = os.path.join(folder, "texts")
with open(path, "w", encoding="utf-8", newline="") as f:
    f.write(lines)
assert (embed("-f", path, "--threads", "1") == found).all()
assert (embed(TEXTS[2]) == found[2]).all()

# More than a run takes.
many = [TEXTS[i % 3] for i in range(50)]
assert (embed("-", text="".join(text + "\n" for text in many)) == found[[i % 3 for i in range(50)]]).all()

# The words before a text are part of it.
queries, _ = forward([QUERY + text for text in TEXTS])
assert (embed(*TEXTS, "--prompt", "query") == queries).all() and (queries != found).any()
assert (embed(*TEXTS, "--prompt", "none") == found).all()

close(embed(*TEXTS, "--width", "5"), normalized(found[:, :5]))
assert (embed(*TEXTS, "--width", "32") == found).all()

document = json.loads(run("embed", model, *TEXTS, "--json", "--similarity"))
assert list(document) == ["embeddings", "tokens", "similarity"]
assert (np.array(document["embeddings"], np.float32) == found).all() and document["tokens"] == counts
close(np.array(document["similarity"]), found @ found.T)
assert list(json.loads(run("embed", model, "a gem", "--json"))) == ["embeddings", "tokens"]
