//===- Generation.cpp - How a checkpoint wants to be sampled ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Generation.h"
#include "frontends/huggingface/Fields.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

/// What transformers' GenerationConfig has where the file has nothing.
static constexpr double defaultTemperature = 1.0;
static constexpr int64_t defaultTopK = 50;
static constexpr double defaultTopP = 1.0;

/// Replaces each token that `fields` names.
static void readTokens(const Fields &fields, int64_t vocabulary,
                       Generation &generation) {
  IntegerRange tokens = {0, vocabulary - 1};
  generation.bos = fields.getInteger("bos_token_id", tokens, generation.bos);
  generation.pad = fields.getInteger("pad_token_id", tokens, generation.pad);
  if (std::optional<SmallVector<int64_t>> eos =
          fields.getIntegers("eos_token_id", tokens))
    generation.eos = std::move(*eos);
}

static void readSampling(const Fields &fields, Generation &generation) {
  if (!fields.getBoolean("do_sample", false))
    return;
  generation.temperature =
      fields.getPositiveNumber("temperature", defaultTemperature);
  generation.topK = fields.getInteger("top_k", {0, INT32_MAX}, defaultTopK);
  generation.topP = fields.getPositiveNumber("top_p", defaultTopP);
  if (generation.topP > 1.0)
    fields.reject("top_p", "a number above 0 and at most 1");
}

Expected<Generation> huggingface::readGeneration(const Checkpoint &checkpoint,
                                                 int64_t vocabulary) {
  Generation generation;
  FieldErrors configErrors(checkpoint.getPath("config.json"));
  Fields config(configErrors, checkpoint.getConfig());
  if (std::optional<Fields> text = config.getFields("text_config"))
    readTokens(*text, vocabulary, generation);
  readTokens(config, vocabulary, generation);
  if (Error error = configErrors.take())
    return std::move(error);

  const json::Object *object = checkpoint.getGenerationConfig();
  if (!object)
    return generation;
  FieldErrors errors(checkpoint.getPath("generation_config.json"));
  Fields fields(errors, *object);
  readTokens(fields, vocabulary, generation);
  readSampling(fields, generation);
  if (Error error = errors.take())
    return std::move(error);
  return generation;
}
