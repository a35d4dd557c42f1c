# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the memory that a model takes with what inspect predicts.

  memory.py MODEL

What a process holds without a model is taken off.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

TOLERANCE = 0.05


def peak(*arguments):
    """The most bytes that `lapidary` has resident, or this program if that is more."""
    program = shutil.which("lapidary")
    output = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(program, [program, *arguments], os.environ, file_actions=output)
    _, status, usage = os.wait4(process, 0)
    assert status == 0, arguments
    return usage.ru_maxrss * 1024


def empty_peak():
    """The same of one that has no model: it waits where its output goes into a full pipe."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4096))
    os.set_blocking(writer, True)
    process = subprocess.Popen(["lapidary", "--version"], stdout=writer)
    os.close(writer)
    status = {}
    while not status.get("State", "").startswith("S"):
        lines = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    while os.read(reader, 65536):
        pass
    assert process.wait() == 0
    return int(status["VmHWM"].split()[0]) * 1024


def main():
    model = sys.argv[1]
    facts = json.loads(subprocess.check_output(["lapidary", "inspect", model, "--json"]))
    empty = empty_peak()
    for entry in facts["kv_bytes"]:
        ids = ",".join(str(3 + i % 100) for i in range(entry["context"] - 1))
        # A penalty looks at all logits, and these need all of the weights.
        found = peak("run", model, "--ids", ids, "--max-tokens", "1", "--repetition-penalty", "1.1") - empty
        print(f"context {entry['context']}: predicted {entry['resident_bytes']}, found {found}")
        assert abs(found / entry["resident_bytes"] - 1) < TOLERANCE


main()
