//===- Answer.cpp - Generating text -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Answer.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Progress.h"
#include "compiler/tools/lapidary/Signals.h"

#include <chrono>
#include <exception>

using namespace lapidary;
using namespace lapidary::tool;

static constexpr const char *ownDefault = "the checkpoint's";

void GenerationOptions::addTo(Options &options) {
  options.add(
      {"--max-tokens", "N", "stop after N tokens", "until the context is full"},
      maxTokens, positiveCount);
  options.add({"--temperature", "T", "0 is greedy", ownDefault}, temperature,
              {0, 100});
  options.add(
      {"--top-k", "K", "sample from the K most likely; 0 is all", ownDefault},
      topK, {0, INT32_MAX});
  options.add(
      {"--top-p", "P", "from the fewest that have probability P", ownDefault},
      topP, {0, 1});
  options.add({"--min-p", "P",
               "from those with P times the best one's "
               "probability",
               "0"},
              minP, {0, 1});
  options.add({"--repetition-penalty", "R",
               "above 1 makes tokens rarer that were there before", "1"},
              repetitionPenalty, {0.01, 100});
  options.add({"--seed", "S", "start of the random numbers"}, seed, anyCount);
}

void GenerationOptions::apply(const Model &model, Session &session) const {
  lapidary_sampling sampling = LAPIDARY_SAMPLING_INIT;
  check(lapidary_model_default_sampling(model.get(), &sampling));
  sampling.temperature = temperature.value_or(sampling.temperature);
  sampling.top_k = topK.value_or(sampling.top_k);
  sampling.top_p = topP.value_or(sampling.top_p);
  sampling.min_p = minP.value_or(sampling.min_p);
  sampling.repetition_penalty =
      repetitionPenalty.value_or(sampling.repetition_penalty);
  sampling.seed = seed;
  check(lapidary_session_set_sampling(session.get(), &sampling));
}

void tool::requireFits(const Model &model, std::span<const int32_t> prompt) {
  if (prompt.size() > model.getInfo().context)
    failInput("the prompt has ", prompt.size(), " tokens, but ",
              model.describeContext());
}

namespace {
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Receives tokens from the runtime, whose C frames no exception may cross.
struct Receiver {
  Answer &answer;
  const TextSink &sink;
  std::exception_ptr failure;

  static int onToken(void *user, int32_t token, const char *text, size_t size) {
    return static_cast<Receiver *>(user)->take(token, {text, size});
  }

  int take(int32_t token, std::string_view text) {
    if (token >= 0)
      answer.ids.push_back(token);
    answer.text += text;
    try {
      sink(text);
    } catch (...) {
      failure = std::current_exception();
    }
    return failure || wasInterrupted();
  }
};
} // namespace

/// Appends all of `prompt` but its last piece, which it returns; stops early
/// when interrupted.
static std::span<const int32_t> feedPrompt(const Model &model, Session &session,
                                           std::span<const int32_t> prompt) {
  // An encoder reads all at once.
  if (model.getInfo().has_encoder)
    return prompt;
  Progress progress("reading the prompt");
  size_t total = prompt.size();
  size_t piece = std::max<size_t>(model.getInfo().max_rows, 1);
  while (prompt.size() > piece && !wasInterrupted()) {
    session.step(prompt.first(piece), LAPIDARY_LOGITS_NONE, nullptr);
    prompt = prompt.subspan(piece);
    progress.update(double(total - prompt.size()) / total);
  }
  return prompt;
}

Answer tool::generate(const Model &model, Session &session,
                      std::span<const int32_t> prompt,
                      const GenerationOptions &options, const TextSink &sink) {
  Answer answer;
  answer.promptTokens = prompt.size();
  Clock::time_point start = Clock::now();
  std::span<const int32_t> last = feedPrompt(model, session, prompt);
  answer.promptSeconds = secondsSince(start);
  if (wasInterrupted()) {
    answer.stopReason = "interrupted";
    return answer;
  }

  Receiver receiver{answer, sink, nullptr};
  std::vector<const char *> stops;
  stops.reserve(options.stopStrings.size());
  for (const std::string &stop : options.stopStrings)
    stops.push_back(stop.c_str());
  lapidary_generate_options request = LAPIDARY_GENERATE_OPTIONS_INIT;
  request.max_tokens = options.maxTokens.value_or(0);
  request.stop_strings = stops.data();
  request.stop_string_count = stops.size();
  request.ignore_eos = options.ignoreEos;
  request.on_token = Receiver::onToken;
  request.user = &receiver;
  lapidary_generation result = LAPIDARY_GENERATION_INIT;
  lapidary_status status = lapidary_generate(session.get(), last.data(),
                                             last.size(), &request, &result);
  if (receiver.failure)
    std::rethrow_exception(receiver.failure);
  check(status);
  answer.promptSeconds += result.prompt_seconds;
  answer.generateSeconds = result.generate_seconds;
  answer.generatedTokens = result.generated_tokens;
  answer.stopReason = result.stop_reason == LAPIDARY_STOP_CALLBACK
                          ? "interrupted"
                          : lapidary_stop_reason_name(result.stop_reason);
  return answer;
}
