# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the memory that a model takes with what inspect predicts.

  memory.py MODEL

What a process holds without a model is taken off.
"""
import json
import os
import shutil
import subprocess
import sys

TOLERANCE = 0.05


def peak(*arguments):
    """The most bytes that `lapidary` has resident."""
    program = shutil.which("lapidary")
    output = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(program, [program, *arguments], os.environ, file_actions=output)
    _, status, usage = os.wait4(process, 0)
    assert status == 0, arguments
    return usage.ru_maxrss * 1024


def main():
    model = sys.argv[1]
    facts = json.loads(subprocess.check_output(["lapidary", "inspect", model, "--json"]))
    empty = peak("--version")
    for entry in facts["kv_bytes"]:
        ids = ",".join(str(3 + i % 100) for i in range(entry["context"] - 1))
        # A penalty looks at all logits, and these need all of the weights.
        found = peak("run", model, "--ids", ids, "--max-tokens", "1", "--repetition-penalty", "1.1") - empty
        print(f"context {entry['context']}: predicted {entry['resident_bytes']}, found {found}")
        assert abs(found / entry["resident_bytes"] - 1) < TOLERANCE


main()
