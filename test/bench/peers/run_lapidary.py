# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lapidary, compared with itself at other times and with its peers."""
import json

from contender import Contender, Run, join, make, run


class Lapidary(Contender):
    program = "Lapidary"

    @staticmethod
    def why_missing(options):
        return None

    def file_name(self):
        return f"{self.kind}.lap"

    def make(self):
        return make([self.options.lapidary, "compile", self.options.checkpoint, "-o", self.path, "--quant", self.kind])

    def measure(self, task):
        program = [*task.prefix, self.options.lapidary]
        text, memory, _ = run([*program, "bench", self.path, "--json", "--rounds", 1, "--threads", task.threads,
                               "--prompt", join(task.prompts), "--context", join(task.contexts),
                               "--generate", task.generate])
        figures = []
        for figure in json.loads(text)["cases"]:
            count = figure["tokens" if figure["phase"] == "prefill" else "context"]
            figures.append((figure["phase"], count, figure["tokens_per_second"]["median"]))
        _, _, start = run([*program, "run", self.path, "--threads", task.threads, "--ids", join(range(300, 316)),
                           "--max-tokens", 1, "--json"])
        return Run(figures, start, memory)


CONTENDERS = {scheme: [(Lapidary, scheme)] for scheme in ("int4", "int8", "bf16", "f32")}
