# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""llama.cpp: llama-bench on files that to_gguf.py and llama-quantize make."""
import json
import os
import pathlib
import sys

from contender import Contender, Run, join, make, missing_packages, run


class LlamaCpp(Contender):
    program = "llama.cpp"

    @staticmethod
    def why_missing(options):
        if options.llama_bench is None:
            return "no llama-bench in PATH (give --llama-bench)"
        for tool in (options.llama_bench, options.llama_bench.with_name("llama-quantize")):
            if not os.access(tool, os.X_OK):
                return f"no program '{tool}'"
        return missing_packages("gguf")

    def file_name(self):
        return f"{self.kind.lower().replace(' ', '-')}.gguf"

    def make(self):
        if self.kind == "BF16":
            return make([sys.executable, pathlib.Path(__file__).with_name("to_gguf.py"), self.options.checkpoint,
                         self.path])
        source = LlamaCpp(self.options, "bf16", "BF16")
        source.prepare()
        scheme, *flags = self.kind.split()
        return make([self.options.llama_bench.with_name("llama-quantize"), *[f"--{flag}" for flag in flags],
                     source.path, self.path, scheme])

    def measure(self, task):
        command = [*task.prefix, self.options.llama_bench, "-m", self.path, "-o", "json", "-r", 1, "-t", task.threads]
        read, memory, _ = run([*command, "-p", join(task.prompts), "-n", 0])
        decode, decode_memory, _ = run([*command, "-p", 0, "-n", task.generate, "-d", join(task.contexts)])
        figures = [("prefill", test["n_prompt"], test["avg_ts"]) for test in json.loads(read)]
        figures += [("decode", test["n_depth"], test["avg_ts"]) for test in json.loads(decode)]
        _, _, start = run([*command, "-p", 16, "-n", 0, "--no-warmup"])
        return Run(figures, start, max(memory, decode_memory))


CONTENDERS = {"int4": [(LlamaCpp, "Q4_0"), (LlamaCpp, "Q4_0 pure")], "int8": [(LlamaCpp, "Q8_0")],
              "bf16": [(LlamaCpp, "BF16")]}
