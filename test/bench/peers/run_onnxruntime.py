# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX Runtime GenAI, on what its own builder makes.

Packages: onnxruntime-genai, onnx-ir, and torch with transformers for the builder.
"""
import sys

from contender import Library, make, missing_packages, serve


class OnnxRuntime(Library):
    program = "ONNX Runtime"
    script = "run_onnxruntime"

    @staticmethod
    def why_missing(options):
        return missing_packages("onnxruntime_genai", "onnx_ir", "torch", "transformers")

    def make(self):
        return make([sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", self.options.checkpoint, "-o",
                     self.path, "-p", self.kind, "-e", "cpu", "-c", self.options.work / "onnxruntime-cache",
                     "--extra_options", "accuracy_level=4", "shared_embeddings=true"])


CONTENDERS = {"int4": [(OnnxRuntime, "int4")]}


def open_model(path, threads):
    import onnxruntime_genai as genai
    config = genai.Config(str(path))
    config.overlay(f'{{"model": {{"decoder": {{"session_options": {{"intra_op_num_threads": {threads}}}}}}}}}')
    model = genai.Model(config)

    def generate(tokens, count, tick):
        params = genai.GeneratorParams(model)
        params.set_search_options(max_length=max(512, len(tokens) + count), do_sample=False)
        generator = genai.Generator(model, params)
        generator.append_tokens(tokens)
        for _ in range(count):
            generator.generate_next_token()
            tick()
    return generate


if __name__ == "__main__":
    serve(open_model)
