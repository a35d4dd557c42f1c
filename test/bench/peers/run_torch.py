# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""transformers on torch: the checkpoint as it is."""
from contender import Library, missing_packages, serve


class Torch(Library):
    program = "torch"
    script = "run_torch"

    @staticmethod
    def why_missing(options):
        return missing_packages("torch", "transformers")

    def __init__(self, options, scheme, kind):
        super().__init__(options, scheme, kind)
        self.path = options.checkpoint


CONTENDERS = {"bf16": [(Torch, "bf16")]}


def open_model(path, threads):
    import torch
    import transformers
    torch.set_num_threads(threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.bfloat16).eval()

    @torch.inference_mode()
    def generate(tokens, count, tick):
        ids, cache = torch.tensor([tokens]), None
        for _ in range(count):
            output = model(ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
            cache, ids = output.past_key_values, output.logits[:, -1:].argmax(-1)
            tick()
    return generate


if __name__ == "__main__":
    serve(open_model)
