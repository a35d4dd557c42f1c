# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Drives the command line `lapidary` for the end-to-end tests."""
import json
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np

import safetensors_io


class Model:
    """An artifact in a folder of its own, removed with the object. `variant` names
    the code to run, or None for the best."""

    def __init__(self, checkpoint, *options, runner="lapidary"):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "model.lap")
        self.set_runner(runner)
        self.variant = None
        run(["lapidary", "compile", checkpoint, "-o", self.path, *options])

    def set_runner(self, command):
        """Runs the artifact by `command` from now on, e.g. an emulator with the
        runtime of another machine."""
        self.runner = shlex.split(command)

    def forward(self, input_ids, attention_mask=None, cache=False, threads=0, nested=None):
        """Returns the logits, float32 [batch, tokens, vocabulary], or the embeddings,
        float32 [batch, width]."""
        [tensor] = self.run_forward(input_ids, attention_mask, *(["--cache"] if cache else []), "--threads",
                                    str(threads), *(["--nested", nested] if nested else [])).values()
        return tensor

    def draft(self, input_ids, count, attention_mask=None, cache=False):
        """Returns logits and states of the target, and of `count` guesses."""
        return self.run_forward(input_ids, attention_mask, *(["--cache"] if cache else []), "--drafts", str(count))

    def answer_source(self, input_ids, decoder_input_ids, attention_mask=None, cache=False):
        """Returns the states of the source, and the logits of the text about it."""
        return self.run_forward(input_ids, attention_mask, *(["--cache"] if cache else []),
                                decoder_input_ids=np.asarray(decoder_input_ids, np.int64))

    def run_forward(self, input_ids, attention_mask, *options, **tensors):
        tensors["input_ids"] = np.asarray(input_ids, np.int64)
        if attention_mask is not None:
            tensors["attention_mask"] = np.asarray(attention_mask, np.int64)
        source, result = (os.path.join(self.folder.name, name) for name in ("in.safetensors", "out.safetensors"))
        safetensors_io.save(source, tensors)
        run([*self.runner, "forward", self.path, "--input", source, "--output", result, *options],
            LAPIDARY_CPU=self.variant)
        return safetensors_io.load(result)

    def evaluate(self, *options):
        return json.loads(run([*self.runner, "eval", self.path, *options, "--json"]))

    def answer(self, prompt, *options):
        return json.loads(run([*self.runner, "run", self.path, "-p", prompt, "--json", *options]))


def run(command, **environment):
    """Returns what a command prints; ends the test when the command fails. Adds to
    the environment what is not None."""
    added = {name: value for name, value in environment.items() if value is not None}
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, **added})
    if result.returncode:
        sys.exit(f"exit code {result.returncode}: {' '.join(command)}\n{result.stderr}")
    return result.stdout


class Report:
    """Prints each comparison with its bound; `finish` fails if one was above."""

    def __init__(self):
        self.failed = False

    def at_most(self, what, value, bound):
        good = bool(value <= bound)  # Not for NaN.
        print(f"{'ok  ' if good else 'FAIL'} {what}: {value:.6g}, at most {bound:.6g}")
        self.failed |= not good

    def equal(self, what, found, expected):
        good = list(found) == list(expected)
        print(f"{'ok  ' if good else 'FAIL'} {what}" + ("" if good else f": found {found}, expected {expected}"))
        self.failed |= not good

    def note(self, what, value):
        print(f"     {what}: {value:.6g}")

    def finish(self):
        return 1 if self.failed else 0
