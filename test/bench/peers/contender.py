# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the programs that are compared have in common.

A Contender is a program with a model in one scheme. Each measures in a process of its own, which is where its memory and
its time to the first token are taken. Libraries of Python run as `run_<library>.py` does: see `serve`.
"""
import contextlib
import dataclasses
import importlib.util
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time


@dataclasses.dataclass
class Run:
    """What one process measured."""
    #: Phase, its count of tokens, tokens per second.
    figures: list
    #: Seconds from the start to the first token after 16; libraries of Python do not count their import.
    start: float
    #: The most bytes that were resident.
    memory: int


@dataclasses.dataclass
class Task:
    """What a process is to measure."""
    threads: int
    prompts: list
    contexts: list
    generate: int
    #: Words before a command that is measured.
    prefix: list


class Contender:
    """Programs derive from this; `path` is the model, made by `make` where it is not there."""
    program = None

    def __init__(self, options, scheme, kind):
        """`scheme` is what Lapidary calls as many bits, `kind` what the program does."""
        self.options, self.scheme, self.kind = options, scheme, kind
        self.name = f"{self.program} {kind}"
        self.path = options.work / f"{options.checkpoint.name}-{self.file_name()}"
        #: Seconds and bytes that making the model took, where it was made now.
        self.making = None

    @staticmethod
    def why_missing(options):
        """What the program needs and does not find, or None."""
        raise NotImplementedError

    def file_name(self):
        raise NotImplementedError

    def prepare(self):
        if not self.path.exists():
            say(f"making {self.path}")
            self.making = self.make()

    def make(self):
        """Makes the model; returns seconds, and bytes of memory besides mapped files."""
        raise NotImplementedError

    def measure(self, task):
        """Returns a Run."""
        raise NotImplementedError

    def size(self):
        """Bytes of the model on disk."""
        files = self.path.rglob("*") if self.path.is_dir() else [self.path]
        return sum(file.stat().st_size for file in files if file.is_file())


class Library(Contender):
    """A library of Python that runs in `script`."""
    script = None

    def file_name(self):
        return f"{self.script.removeprefix('run_')}-{self.kind}"

    def measure(self, task):
        command = [*task.prefix, sys.executable, pathlib.Path(__file__).with_name(f"{self.script}.py"), self.path,
                   json.dumps(vars(task))]
        result, memory, _ = run(command, {"OMP_NUM_THREADS": str(task.threads)})
        answer = json.loads(result.splitlines()[-1])
        return Run(answer["figures"], answer["start"], memory)


def missing_packages(*names):
    absent = [name for name in names if importlib.util.find_spec(name) is None]
    return f"no Python package {', '.join(absent)}" if absent else None


def serve(open_model):
    """The main function of a library's process. `open_model(path, threads)` returns `generate(tokens, count, tick)`,
    which calls `tick()` when each of `count` tokens behind `tokens` is known."""
    start = time.perf_counter()
    task = Task(**json.loads(sys.argv[2]))
    generate = open_model(pathlib.Path(sys.argv[1]), task.threads)
    seconds_of(generate, 16, 1)
    started = time.perf_counter() - start
    figures = []
    for count in task.prompts:
        # The first time at a length is one of preparation.
        seconds = min(seconds_of(generate, count, 1)[0] for _ in range(2))
        figures.append(("prefill", count, count / seconds))
    for count in task.contexts:
        _, *others = seconds_of(generate, count, task.generate + 1)
        figures.append(("decode", count, len(others) / sum(others)))
    print(json.dumps({"figures": figures, "start": started}))


CALLS = itertools.count()


def seconds_of(generate, length, count):
    """Seconds that each of `count` tokens took behind a prompt of `length`."""
    # Never the prompt of an earlier call: some keep what they have read.
    call = next(CALLS)
    tokens = [2] + [(7919 * i + 104_729 * call) % 200_000 + 300 for i in range(1, length)]
    clock = [time.perf_counter()]
    generate(tokens, count, lambda: clock.append(time.perf_counter()))
    return [after - before for before, after in zip(clock, clock[1:])]


def run(command, environment=None):
    """Returns what a command prints, the most bytes it had resident, and its seconds; ends the comparison when the
    command fails."""
    command = [str(word) for word in command]
    with tempfile.TemporaryFile("w+", errors="replace") as output, \
            tempfile.TemporaryFile("w+", errors="replace") as errors:
        start = time.perf_counter()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                              env=os.environ | (environment or {})) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        for file in (output, errors):
            file.seek(0)
        if process.returncode:
            sys.exit(f"exit code {process.returncode}: {' '.join(command)}\n{errors.read()}")
        return output.read(), usage.ru_maxrss * 1024, seconds


def own_memory(pid):
    """Bytes of a process that are not a mapped file's; 0 when it has ended."""
    with contextlib.suppress(OSError):
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        if match := re.search(r"^RssAnon:\s+(\d+) kB$", status, re.M):
            return int(match.group(1)) * 1024
    return 0


def make(command):
    """Runs a command; returns its seconds and the most memory it had besides mapped files, in bytes."""
    command = [str(word) for word in command]
    start, memory = time.perf_counter(), 0
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output) as process:
            while process.poll() is None:
                memory = max(memory, own_memory(process.pid))
                time.sleep(0.02)
        if process.returncode:
            output.seek(0)
            sys.exit(f"exit code {process.returncode}: {' '.join(command)}\n{output.read()}")
    return time.perf_counter() - start, memory


def join(numbers):
    return ",".join(str(number) for number in numbers)


def say(text):
    print(text, file=sys.stderr, flush=True)
