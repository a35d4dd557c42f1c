//===- toy_model.h - The model that runtime tests run -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TEST_RUNTIME_TOY_MODEL_H
#define LAPIDARY_TEST_RUNTIME_TOY_MODEL_H

#include "artifact_builder.h"

namespace lapidary::test {

/// A vocabulary of bytes and the symbols of Gemma 3's chat template.
constexpr int32_t toy_vocabulary = 264;
constexpr int32_t toy_bos = 2;
/// The token of byte b is toy_first_byte + b.
constexpr int32_t toy_first_byte = 4;
constexpr int32_t toy_end_of_turn = 261;
constexpr uint32_t toy_context = 200;
constexpr uint32_t toy_window = 8;
/// Rows of the widest program.
constexpr uint32_t toy_max_rows = 16;
/// Positions of a page, of the group that sees everything and of the other.
constexpr uint32_t toy_global_page = 8;
constexpr uint32_t toy_local_page = 4;
/// Of embeddings, whose model has a context of toy_max_rows, and of states.
constexpr uint32_t toy_width = 12;

/// An artifact with the kernels of toy_kernels.c, a variant for this machine
/// and a tokenizer.
ArtifactBuilder toy_artifact();

/// One that makes embeddings, with the prompts `query` (its default) and
/// `title`.
ArtifactBuilder toy_embedding_artifact();

/// One that gives states and has a draft head, which takes three rows at once.
ArtifactBuilder toy_draft_artifact();

/// One with an encoder, whose sources have at most toy_max_rows tokens.
ArtifactBuilder toy_source_artifact();

/// One with a model `small` nested in it, which takes three rows at once.
ArtifactBuilder toy_nested_artifact();

/// One that finds the best toy_best logits of up to toy_best_rows rows.
constexpr uint32_t toy_best = 8;
constexpr uint32_t toy_best_rows = 2;
ArtifactBuilder toy_best_artifact();

/// Writes `artifact` to a file of its own and returns the path.
std::string write_toy(ArtifactBuilder artifact = toy_artifact());

/// What the toy model's logits are after `tokens`.
std::vector<float> toy_logits(std::span<const int32_t> tokens);

/// What its states are, and what its draft head makes of them and of a token
/// after them.
std::vector<float> toy_states(std::span<const int32_t> tokens);
struct ToyDraft {
  std::vector<float> logits, states;
};
ToyDraft toy_draft(std::span<const int32_t> tokens, int32_t token,
                   std::span<const float> states);

/// What the logits of the nested model are after `tokens`.
std::vector<float> toy_small_logits(std::span<const int32_t> tokens);

/// What the logits are after `tokens` of a text about `source`, and the states
/// of the source's tokens, end to end.
std::vector<float> toy_answer(std::span<const int32_t> source,
                              std::span<const int32_t> tokens);
std::vector<float> toy_source_states(std::span<const int32_t> source);

/// What the embedding of `tokens` is.
std::vector<float> toy_embedding(std::span<const int32_t> tokens);

/// toy_logits after each of the tokens, end to end.
std::vector<float> all_toy_logits(std::span<const int32_t> tokens);

/// The token with the highest of toy_logits.
int32_t toy_next(std::span<const int32_t> tokens);

/// `prompt` and the `count` tokens that greedy generation appends.
std::vector<int32_t> toy_continuation(std::vector<int32_t> prompt,
                                      size_t count);

/// `count` tokens that differ with `seed`.
std::vector<int32_t> toy_tokens(size_t count, uint32_t seed = 1);

} // namespace lapidary::test

#endif // LAPIDARY_TEST_RUNTIME_TOY_MODEL_H
