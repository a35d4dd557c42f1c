//===- session.cpp - One sequence with its sampler and text ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/session.h"
#include "runtime/error.h"

#include <algorithm>

using namespace lapidary;

lapidary_sampling lapidary::default_sampling(const schema::Model &model) {
  lapidary_sampling sampling = LAPIDARY_SAMPLING_INIT;
  sampling.temperature = model.temperature();
  sampling.top_k = static_cast<uint32_t>(std::max(0, model.top_k()));
  sampling.top_p = model.top_p();
  return sampling;
}

Session::Session(Model &model, size_t function)
    : model_(model), sequence_(model.make_sequence(function)),
      sampler_(default_sampling(model.facts())) {}

void Session::set_sampling(const lapidary_sampling &sampling) {
  sampler_ = Sampler(sampling);
}

void Session::set_allowed(std::span<const uint32_t> mask) {
  size_t vocabulary = model_.facts().vocabulary();
  std::vector<uint64_t> bits(mask.empty() ? 0 : bit_words(vocabulary));
  for (size_t i = 0; i < mask.size(); i++)
    bits[i / 2] |= uint64_t(mask[i]) << (i % 2 * 32);
  if (!bits.empty() && vocabulary % 64)
    bits.back() &= ~uint64_t(0) >> (64 - vocabulary % 64);
  if (!bits.empty() && std::ranges::count(bits, 0) == std::ssize(bits))
    fail(LAPIDARY_INVALID_ARGUMENT, "the mask allows none of the ", vocabulary,
         " tokens");
  allowed_ = std::move(bits);
}

int32_t Session::sample(const float *logits) {
  std::span row(logits, model_.facts().vocabulary());
  if (allowed_.empty())
    return sampler_.sample(row, sequence_.tokens());
  logits_.assign(row.begin(), row.end());
  return sample_own();
}

int32_t Session::sample_own() {
  if (!allowed_.empty())
    leave_out(logits_, allowed_);
  return sampler_.sample(logits_, sequence_.tokens());
}

void Session::reset() {
  sequence_.truncate(0);
  sequence_.forget_source();
  sampler_.restart();
  decoder_.reset();
}

void Session::truncate(uint64_t position) {
  if (position > sequence_.position())
    fail(LAPIDARY_INVALID_ARGUMENT, "cannot truncate to position ", position,
         " a session that holds ", sequence_.position(), " tokens");
  if (!sequence_.can_truncate(position))
    fail(LAPIDARY_PAST_LOST, "cannot truncate to position ", position,
         ": its sliding windows or states were overwritten by later tokens");
  sequence_.truncate(position);
}

uint64_t Session::keep_prefix(std::span<const int32_t> tokens) {
  std::span<const int32_t> held = sequence_.tokens();
  uint64_t kept =
      std::mismatch(held.begin(), held.end(), tokens.begin(), tokens.end())
          .first -
      held.begin();
  kept = std::min<uint64_t>(kept, tokens.size() - 1);
  if (model_.stepper().has_encoder() || !sequence_.can_truncate(kept))
    kept = 0;
  sequence_.truncate(kept);
  return kept;
}

void Session::step(std::span<const int32_t> tokens, lapidary_logits logits_mode,
                   float *logits) {
  StepEntry entry{&sequence_, tokens, logits_mode, logits};
  model_.step({&entry, 1});
}

StepEntry Session::make_entry(std::span<const int32_t> tokens) {
  size_t vocabulary = model_.facts().vocabulary();
  StepEntry entry{&sequence_, tokens, LAPIDARY_LOGITS_LAST, nullptr};
  entry.best_count = sampler_.best_needed(vocabulary);
  if (entry.best_count > 0) {
    entry.best = &best_;
    entry.allowed = allowed_;
  } else {
    logits_.resize(vocabulary);
    entry.logits = logits_.data();
  }
  return entry;
}

int32_t Session::choose() {
  if (sampler_.best_needed(model_.facts().vocabulary()) > 0)
    return sampler_.sample_best(best_);
  return sample_own();
}

text::StreamDecoder &Session::decoder() {
  if (!decoder_)
    decoder_.emplace(model_.tokenizer());
  return *decoder_;
}

const std::string &Session::decode(int32_t token) {
  return text_ = decoder().append(token);
}

const std::string &Session::end_decoding() {
  return text_ = decoder().finish();
}
