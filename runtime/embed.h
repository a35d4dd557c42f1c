//===- embed.h - Texts become vectors ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tokens of a text that is embedded see those behind them, too: a text is never
// cut, and nothing can be appended to it.
#ifndef LAPIDARY_RUNTIME_EMBED_H
#define LAPIDARY_RUNTIME_EMBED_H

#include "runtime/model.h"

namespace lapidary {

/// The tokens of `text` behind the words of `prompt`, one of the model's (null:
/// its default, empty: no words), and between bos and eos as its tokenizer
/// wants. Fails with LAPIDARY_NOT_IN_ARTIFACT.
std::vector<int32_t> tokenize_for_embedding(const Model &model,
                                            const char *prompt,
                                            std::string_view text);

/// Writes the embeddings of `texts`, each of which has tokens, end to end.
/// Fails with LAPIDARY_CONTEXT_FULL if one is too long.
void embed(Model &model, std::span<const std::span<const int32_t>> texts,
           float *embeddings);

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_EMBED_H
