#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures Lapidary and llama.cpp on the same weights, side by side, and prints a table in Markdown.

    compare.py /tmp/gemma3-1b --llama-bench ~/llama.cpp/build/bin/llama-bench
    compare.py /tmp/gemma3-1b --schemes int4,int8 --threads 1,2 --rounds 5 --json figures.json

Machines have moods, so the programs take turns: in every round each of them runs once with each number of
threads, and a figure is the median of the rounds, with the least and the greatest. Models are made once
and kept in --work. llama-quantize is expected beside llama-bench; a program that is missing is skipped.
"""
import argparse
import datetime
import importlib.util
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[3]
# What llama.cpp calls the schemes with as many bits as ours, and how llama-quantize makes them.
PEERS = {"int4": {"Q4_0": ["Q4_0"], "Q4_0 pure": ["--pure", "Q4_0"]}, "int8": {"Q8_0": ["Q8_0"]},
         "bf16": {"BF16": None}, "f32": {}}


def fail(command, code, output):
    sys.exit(f"exit code {code}: {' '.join(command)}\n{output}")


def run(command):
    """Returns what a command prints; ends the comparison when the command fails."""
    command = [str(word) for word in command]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)
    if result.returncode:
        fail(command, result.returncode, result.stderr)
    return result.stdout


def own_memory(pid):
    """Bytes of a process that are not a mapped file's; 0 when it has ended."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    match = re.search(r"^RssAnon:\s+(\d+) kB$", status, re.M)
    return int(match.group(1)) * 1024 if match else 0


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
            fail(command, process.returncode, output.read())
    return time.perf_counter() - start, memory


class Model:
    """A file that one of the programs runs; `making` is None when it was there before."""

    def __init__(self, name, path, command):
        self.name, self.path, self.making = name, path, None
        if not path.exists():
            say(f"making {path}")
            self.making = make(command)


class Lapidary:
    def __init__(self, options, scheme):
        self.options = options
        path = options.work / f"{options.checkpoint.name}-{scheme}.lap"
        self.model = Model(scheme, path,
                           [options.lapidary, "compile", options.checkpoint, "-o", path, "--quant", scheme])

    def measure(self, threads):
        """Yields phase, count and tokens per second."""
        options = self.options
        figures = run([options.lapidary, "bench", self.model.path, "--json", "--rounds", 1, "--threads", threads,
                       "--prompt", join(options.prompt), "--context", join(options.context),
                       "--generate", options.generate])
        for figure in json.loads(figures):
            prefill = figure["phase"] == "prefill"
            yield figure["phase"], figure["tokens" if prefill else "context"], figure["tokens_per_second"]["median"]

    def load(self):
        """Seconds to open the model."""
        answer = run([self.options.lapidary, "run", self.model.path, "--ids", 2, "--max-tokens", 1, "--json"])
        return json.loads(answer)["timings"]["load_seconds"]


class LlamaCpp:
    def __init__(self, options, name, arguments):
        self.options = options
        source = self.path("BF16")
        self.model = Model("BF16", source, [sys.executable, pathlib.Path(__file__).with_name("to_gguf.py"),
                                            options.checkpoint, source])
        if arguments:
            *flags, scheme = arguments
            self.model = Model(name, self.path(name), [options.llama_bench.with_name("llama-quantize"), *flags, source,
                                                       self.path(name), scheme])

    def path(self, name):
        return self.options.work / f"{self.options.checkpoint.name}-{name.lower().replace(' ', '-')}.gguf"

    def measure(self, threads):
        options = self.options
        command = [options.llama_bench, "-m", self.model.path, "-o", "json", "-r", 1, "-t", threads]
        for test in json.loads(run([*command, "-p", join(options.prompt), "-n", 0])):
            yield "prefill", test["n_prompt"], test["avg_ts"]
        for test in json.loads(run([*command, "-p", 0, "-n", options.generate, "-d", join(options.context)])):
            yield "decode", test["n_depth"], test["avg_ts"]


def why_no_llama(options):
    """What is missing for llama.cpp, or None."""
    if options.llama_bench is None:
        return "no llama-bench in PATH (give --llama-bench)"
    for tool in (options.llama_bench, options.llama_bench.with_name("llama-quantize")):
        if not os.access(tool, os.X_OK):
            return f"no program '{tool}'"
    if importlib.util.find_spec("gguf") is None:
        return "no Python package gguf"
    return None


def read_bandwidth(threads):
    """Bytes per second that `threads` read of a buffer that no cache holds, at best."""
    buffer = np.ones(1 << 26, np.uint64)
    with ThreadPoolExecutor(threads) as pool:
        def sweep():
            start = time.perf_counter()
            list(pool.map(np.bitwise_or.reduce, np.array_split(buffer, threads)))
            return buffer.nbytes / (time.perf_counter() - start)
        return max(sweep() for _ in range(3))


def measure_all(contenders, options):
    """Returns {(phase, count, threads): {name: rates}}."""
    rates = defaultdict(lambda: defaultdict(list))
    for number in range(1, options.rounds + 1):
        for threads in options.threads:
            for contender in contenders:
                say(f"round {number}: {contender.model.name}, threads {threads}")
                for phase, count, rate in contender.measure(threads):
                    rates[phase, count, threads][contender.model.name].append(rate)
    return rates


def print_making(contenders):
    print("| model | made in s | own memory at most, MB | file, MB | opened in s |\n| --- | --- | --- | --- | --- |")
    for contender in contenders:
        model = contender.model
        seconds, memory = (f"{model.making[0]:.1f}", f"{model.making[1] / 1e6:.0f}") if model.making else ("", "")
        load = contender.load() if isinstance(contender, Lapidary) else None
        opened = f"{load:.3f}" if load is not None else ""
        print(f"| {model.name} | {seconds} | {memory} | {model.path.stat().st_size / 1e6:.0f} | {opened} |")


def show(rates):
    return f"{min(rates):.1f} / {statistics.median(rates):.1f} / {max(rates):.1f}"


def print_speed(rates):
    print("| phase | tokens | threads | Lapidary | min / median / max | llama.cpp | min / median / max | ratio |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- |")
    for (phase, count, threads), samples in rates.items():
        for scheme, peers in PEERS.items():
            if scheme not in samples:
                continue
            start = f"| {phase} | {count} | {threads} | {scheme} | {show(samples[scheme])} |"
            present = [peer for peer in peers if peer in samples]
            for peer in present:
                ratio = statistics.median(samples[scheme]) / statistics.median(samples[peer])
                print(f"{start} {peer} | {show(samples[peer])} | {ratio:.2f} |")
            if not present:
                print(f"{start} | | |")


def print_machine(options):
    names = re.findall(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    processor = names[0] if names else platform.machine()
    bandwidths = [f"{read_bandwidth(threads) / 1e9:.1f} GB/s (threads: {threads})" for threads in options.threads]
    print(f"{processor}, {len(os.sched_getaffinity(0))} processors, {datetime.date.today()}; load average before: "
          f"{os.getloadavg()[0]:.1f}; reads {', '.join(bandwidths)}.")


def say(text):
    print(text, file=sys.stderr, flush=True)


def join(numbers):
    return ",".join(str(number) for number in numbers)


def numbers(text):
    return [int(word) for word in text.split(",")]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, help="folder for models (default: beside the checkpoint)")
    parser.add_argument("--schemes", type=lambda text: text.split(","), default=["int4"], help=" | ".join(PEERS))
    parser.add_argument("--threads", type=numbers, default=[1, len(os.sched_getaffinity(0))])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompt", type=numbers, default=[128, 512, 2048])
    parser.add_argument("--context", type=numbers, default=[16, 1024])
    parser.add_argument("--generate", type=int, default=64)
    parser.add_argument("--lapidary", type=pathlib.Path,
                        default=shutil.which("lapidary") or ROOT / "build/bin/lapidary")
    parser.add_argument("--llama-bench", type=pathlib.Path, default=shutil.which("llama-bench"))
    parser.add_argument("--json", type=pathlib.Path, help="write every sample to this file")
    options = parser.parse_args()
    for scheme in options.schemes:
        if scheme not in PEERS:
            parser.error(f"argument --schemes: '{scheme}' is none of {', '.join(PEERS)}")
    options.checkpoint = options.checkpoint.resolve()
    options.work = (options.work or options.checkpoint.parent).resolve()
    options.llama_bench = options.llama_bench and pathlib.Path(options.llama_bench).resolve()
    options.threads = sorted(set(options.threads))
    return options


def main():
    options = parse()
    options.work.mkdir(parents=True, exist_ok=True)
    missing = why_no_llama(options)
    if missing:
        say(f"skipped llama.cpp: {missing}")
    contenders = []
    for scheme in options.schemes:
        contenders.append(Lapidary(options, scheme))
        if not missing:
            contenders += [LlamaCpp(options, name, arguments) for name, arguments in PEERS[scheme].items()]
    print_machine(options)
    print("\nMaking and opening:\n")
    print_making(contenders)
    rates = measure_all(contenders, options)
    print("\nTokens per second, from the least to the greatest of the rounds:\n")
    print_speed(rates)
    if options.json:
        options.json.write_text(json.dumps([{"phase": phase, "count": count, "threads": threads, "rates": samples}
                                            for (phase, count, threads), samples in rates.items()], indent=1) + "\n")


if __name__ == "__main__":
    main()
