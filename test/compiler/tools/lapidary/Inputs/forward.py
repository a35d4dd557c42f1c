# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks `lapidary forward`: forward.py MODEL END_TO_END FOLDER."""
import os
import resource
import subprocess
import sys

import numpy as np

model, end_to_end, folder = sys.argv[1:]
sys.path.insert(0, end_to_end)
import safetensors_io  # noqa: E402

os.makedirs(folder, exist_ok=True)
SOURCE, RESULT = (os.path.join(folder, name) for name in ("in.safetensors", "out.safetensors"))


def run(tensors, *options, **settings):
    safetensors_io.save(SOURCE, tensors)
    return subprocess.run(["lapidary", "forward", model, "--input", SOURCE, "--output", RESULT, *options],
                          stderr=subprocess.PIPE, text=True, **settings)


def forward(tensors, *options):
    run(tensors, *options).check_returncode()
    return safetensors_io.load(RESULT)["logits"]


def fill_disk():
    resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))


def refuse(tensors, message, **settings):
    if os.path.exists(RESULT):
        os.remove(RESULT)
    result = run(tensors, **settings)
    assert result.returncode == 1 and message in result.stderr, (result.returncode, result.stderr)
    assert os.listdir(folder) == ["in.safetensors"], os.listdir(folder)


ids = np.random.default_rng(1).integers(7, 2048, (3, 150))
mask = np.ones_like(ids)
mask[1, :40] = 0
mask[2, :149] = 0
batch = {"input_ids": ids, "attention_mask": mask}

logits = forward(batch)
assert logits.shape == (3, 150, 2048) and logits.dtype == np.float32
assert (logits[mask == 0] == 0).all() and (logits[mask == 1] != 0).any(-1).all()
narrow = forward({name: tensor.astype(np.int32) for name, tensor in batch.items()})
assert (narrow == logits).all()
assert np.abs(forward(batch, "--cache") - logits).max() < 1e-3
for row, start in enumerate((0, 40, 149)):
    alone = forward({"input_ids": ids[row:row + 1, start:]})
    assert np.abs(alone[0] - logits[row, start:]).max() < 1e-3

refuse({"input_ids": ids.astype(np.float32)}, "'input_ids' is of type F32, expected I32 or I64")
refuse({"input_ids": ids[0]}, "'input_ids' has the shape [150], expected [batch, tokens]")
refuse({"attention_mask": mask}, "has no tensor 'input_ids'")
refuse({"input_ids": ids, "attention_mask": mask[:, :-1]}, "'attention_mask' has the shape [3,149]")
refuse({"input_ids": ids, "attention_mask": mask[:, ::-1].copy()}, "zeros for padding on the left")
refuse({"input_ids": ids + 2000}, "the vocabulary ends at 2047")
refuse({"input_ids": np.tile(ids, 20)}, "has 3000 tokens, but the context")
refuse(batch, "out.safetensors: cannot write: File too large", preexec_fn=fill_disk)
