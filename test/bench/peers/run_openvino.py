# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""OpenVINO GenAI, on what optimum-intel exports.

Packages: openvino-genai, nncf, optimum-intel, and torch with the transformers that optimum-intel asks for.
"""
import pathlib
import sys

from contender import Library, make, missing_packages, serve

# The options that make a scheme; without, weights are as in the checkpoint.
FORMATS = {"int4": ["--weight-format", "int4"], "int8": ["--weight-format", "int8"], "bf16": []}


class OpenVino(Library):
    program = "OpenVINO"
    script = "run_openvino"

    @staticmethod
    def why_missing(options):
        return missing_packages("openvino_genai", "optimum", "nncf", "torch")

    def make(self):
        return make([pathlib.Path(sys.executable).with_name("optimum-cli"), "export", "openvino", "--model",
                     self.options.checkpoint, "--task", "text-generation-with-past",
                     *FORMATS[self.kind], "--disable-convert-tokenizer", self.path])


CONTENDERS = {scheme: [(OpenVino, scheme)] for scheme in FORMATS}


def open_model(path, threads):
    import numpy as np
    import openvino
    import openvino_genai as genai

    class Streamer(genai.StreamerBase):
        def __init__(self, tick):
            super().__init__()
            self.tick = tick

        def write(self, tokens):
            for _ in tokens if isinstance(tokens, list) else [tokens]:
                self.tick()
            return genai.StreamingStatus.RUNNING

        def end(self):
            pass

    pipeline = genai.LLMPipeline(str(path), "CPU", INFERENCE_NUM_THREADS=threads, PERFORMANCE_HINT="LATENCY")

    def generate(tokens, count, tick):
        pipeline.generate(openvino.Tensor(np.array([tokens], np.int64)), streamer=Streamer(tick), max_new_tokens=count,
                          ignore_eos=True, do_sample=False)
    return generate


if __name__ == "__main__":
    serve(open_model)
