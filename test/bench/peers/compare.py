#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures Lapidary and its peers on the same weights, side by side, and prints tables in Markdown.

    compare.py /tmp/gemma3-1b --llama-bench ~/llama.cpp/build/bin/llama-bench
    compare.py /tmp/gemma3-1b --schemes int4,int8 --threads 1,2 --rounds 5 --json figures.json

Machines have moods, so the programs take turns: in every round each of them runs once with each number of
threads, and a figure is the median of the rounds, with the least and the greatest. Models are made once
and kept in --work. A peer whose program or packages are missing is skipped by name; packages are those of
the Python that runs this.
"""
import argparse
import datetime
import json
import multiprocessing
import os
import pathlib
import platform
import re
import shlex
import shutil
import statistics
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import run_lapidary
import run_llama
import run_onnxruntime
import run_openvino
import run_torch
from contender import Task, say

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAMS = [run_lapidary, run_llama, run_openvino, run_onnxruntime, run_torch]
SCHEMES = list(run_lapidary.CONTENDERS)


def read_bandwidth(threads):
    """Bytes per second that `threads` read of a buffer that no cache holds, at best."""
    buffer = np.ones(1 << 26, np.uint64)
    with ThreadPoolExecutor(threads) as pool:
        def sweep():
            start = time.perf_counter()
            list(pool.map(np.bitwise_or.reduce, np.array_split(buffer, threads)))
            return buffer.nbytes / (time.perf_counter() - start)
        return max(sweep() for _ in range(3))


def list_contenders(options):
    """Those that are there; says of each other one why it is not."""
    contenders, skipped = [], {}
    for scheme in options.schemes:
        for program in PROGRAMS:
            for kind, name in program.CONTENDERS.get(scheme, []):
                missing = kind.why_missing(options)
                if missing:
                    skipped[kind.program] = missing
                else:
                    contenders.append(kind(options, scheme, name))
    for program, missing in skipped.items():
        say(f"skipped {program}: {missing}")
    return contenders


def measure_all(contenders, options):
    """Returns the runs of each contender by threads: {(name, threads): [Run]}."""
    runs = defaultdict(list)
    for number in range(1, options.rounds + 1):
        for threads in options.threads:
            task = Task(threads, options.prompt, options.context, options.generate, options.prefix)
            for contender in contenders:
                say(f"round {number}: {contender.name}, threads {threads}")
                runs[contender.name, threads].append(contender.measure(task))
    return runs


def show(values, digits=1):
    return f"{min(values):.{digits}f} / {statistics.median(values):.{digits}f} / {max(values):.{digits}f}"


def print_table(head, lines):
    print(" | ".join(["", *head, ""]).strip())
    print("|" + " --- |" * len(head))
    for line in lines:
        print(" | ".join(["", *line, ""]).strip())
    print()


def print_models(contenders, runs, options):
    """What it costs to have each model and to begin."""
    lines = []
    for contender in contenders:
        seconds, memory = (f"{contender.making[0]:.1f}", f"{contender.making[1] / 1e6:.0f}") if contender.making \
            else ("", "")
        own = [run for threads in options.threads for run in runs[contender.name, threads]]
        lines.append([contender.name, seconds, memory, f"{contender.size() / 1e6:.0f}",
                      show([run.start for run in own], 2), f"{max(run.memory for run in own) / 1e6:.0f}"])
    print_table(["model", "made in s", "own memory at most, MB", "file, MB", "first token after s", "resident, MB"],
                lines)


def rates_of(runs, phase, count):
    return [rate for run in runs for kind, tokens, rate in run.figures if (kind, tokens) == (phase, count)]


def print_speed(scheme, contenders, runs, options):
    """Tokens per second of those in `scheme`, and how Lapidary's compare with those of the best other."""
    cases = [("prefill", count) for count in options.prompt] + [("decode", count) for count in options.context]
    lines = []
    for phase, count in cases:
        for threads in options.threads:
            rates = [rates_of(runs[contender.name, threads], phase, count) for contender in contenders]
            if not all(rates):
                continue
            ours, *others = [statistics.median(samples) for samples in rates]
            ratio = f"{ours / max(others):.2f}" if others else ""
            lines.append([phase, str(count), str(threads), *[show(samples) for samples in rates], ratio])
    print_table(["phase", "tokens", "threads", *[contender.name for contender in contenders], "ratio to the best"],
                lines)


def print_machine(options):
    names = re.findall(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    processor = names[0] if names else platform.machine()
    # In a process of its own: what is resident here counts as that of the programs started from here.
    with multiprocessing.Pool(1) as pool:
        bandwidths = [f"{rate / 1e9:.1f} GB/s (threads: {threads})"
                      for threads, rate in zip(options.threads, pool.map(read_bandwidth, options.threads))]
    print(f"{processor}, {len(os.sched_getaffinity(0))} processors, {datetime.date.today()}; load average before: "
          f"{os.getloadavg()[0]:.1f}; reads {', '.join(bandwidths)}.\n")


def numbers(text):
    return [int(word) for word in text.split(",")]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, help="folder for models (default: beside the checkpoint)")
    parser.add_argument("--schemes", type=lambda text: text.split(","), default=["int4"], help=" | ".join(SCHEMES))
    parser.add_argument("--threads", type=numbers, default=[1, len(os.sched_getaffinity(0))])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompt", type=numbers, default=[128, 512, 2048])
    parser.add_argument("--context", type=numbers, default=[16, 1024])
    parser.add_argument("--generate", type=int, default=64)
    parser.add_argument("--prefix", type=shlex.split, default=[],
                        help="words before each program that is measured, such as 'chrt -r 1'")
    parser.add_argument("--lapidary", type=pathlib.Path,
                        default=shutil.which("lapidary") or ROOT / "build/bin/lapidary")
    parser.add_argument("--llama-bench", type=pathlib.Path, default=shutil.which("llama-bench"))
    parser.add_argument("--json", type=pathlib.Path, help="write every sample to this file")
    options = parser.parse_args()
    for scheme in options.schemes:
        if scheme not in SCHEMES:
            parser.error(f"argument --schemes: '{scheme}' is none of {', '.join(SCHEMES)}")
    options.checkpoint = options.checkpoint.resolve()
    options.work = (options.work or options.checkpoint.parent).resolve()
    options.llama_bench = options.llama_bench and pathlib.Path(options.llama_bench).resolve()
    options.threads = sorted(set(options.threads))
    return options


def main():
    options = parse()
    options.work.mkdir(parents=True, exist_ok=True)
    contenders = list_contenders(options)
    for contender in contenders:
        contender.prepare()
    print_machine(options)
    runs = measure_all(contenders, options)
    print_models(contenders, runs, options)
    print("Tokens per second, from the least to the greatest of the rounds:\n")
    for scheme in options.schemes:
        print_speed(scheme, [contender for contender in contenders if contender.scheme == scheme], runs, options)
    if options.json:
        options.json.write_text(json.dumps([{"name": name, "threads": threads, "runs": [vars(run) for run in own]}
                                            for (name, threads), own in runs.items()], indent=1) + "\n")


if __name__ == "__main__":
    main()
