//===- session.h - One sequence with its sampler and text -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_SESSION_H
#define LAPIDARY_RUNTIME_SESSION_H

#include "runtime/model.h"
#include "runtime/sampler.h"

namespace lapidary {

/// What the checkpoint recommends.
lapidary_sampling default_sampling(const schema::Model &model);

/// What a lapidary_session is.
class Session {
public:
  /// An empty one that function `function` of `model` continues; the model
  /// outlives it.
  Session(Model &model, size_t function);
  explicit Session(Model &model) : Session(model, model.default_function()) {}

  Model &model() { return model_; }
  Sequence &sequence() { return sequence_; }
  const Sequence &sequence() const { return sequence_; }

  void set_sampling(const lapidary_sampling &sampling);
  /// Lets only tokens be chosen whose bit is set; `mask` has a bit for each, or
  /// is empty: all. Fails with LAPIDARY_INVALID_ARGUMENT where there are none.
  void set_allowed(std::span<const uint32_t> mask);
  int32_t sample(const float *logits);

  /// Forgets all but how to sample.
  void reset();

  /// Fails with LAPIDARY_PAST_LOST or LAPIDARY_INVALID_ARGUMENT.
  void truncate(uint64_t position);

  /// Truncates to the longest usable prefix of `tokens`, which are not empty,
  /// but never to all of them. Returns its length: 0 where an encoder reads
  /// them, since it reads all or nothing.
  uint64_t keep_prefix(std::span<const int32_t> tokens);

  /// Makes `tokens` the source and forgets the text.
  void encode(std::span<const int32_t> tokens) {
    model_.encode(sequence_, tokens, nullptr);
  }

  /// Appends tokens to this session alone.
  void step(std::span<const int32_t> tokens, lapidary_logits logits_mode,
            float *logits);

  /// What appends tokens so that `choose` may follow.
  StepEntry make_entry(std::span<const int32_t> tokens);
  /// Chooses the token that comes after those of such an entry.
  int32_t choose();

  /// The text that `token` completes; valid until the next call.
  const std::string &decode(int32_t token);
  /// What is left of the text; valid until the next call.
  const std::string &end_decoding();

private:
  /// From `logits_`.
  int32_t sample_own();
  text::StreamDecoder &decoder();

  Model &model_;
  Sequence sequence_;
  Sampler sampler_;
  /// Bits of the tokens that may be chosen; empty: all.
  std::vector<uint64_t> allowed_;
  std::optional<text::StreamDecoder> decoder_;
  std::string text_;
  /// What to choose from: the best logits where these are enough.
  std::vector<Candidate> best_;
  std::vector<float> logits_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_SESSION_H
