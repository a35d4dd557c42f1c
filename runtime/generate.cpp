//===- generate.cpp - The loop that writes an answer ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/generate.h"
#include "runtime/error.h"
#include "runtime/stop_strings.h"

#include <algorithm>
#include <chrono>

using namespace lapidary;

namespace {
/// One answer in the making.
class Generator {
public:
  Generator(Session &session, const lapidary_generate_options &options)
      : session(session), options(options), stops(collect_stops()) {
    if (const text::Tokenizer *tokenizer = session.model().find_tokenizer())
      decoder.emplace(*tokenizer);
  }

  lapidary_generation run(std::span<const int32_t> prompt);

private:
  std::vector<std::string> collect_stops() const;
  void read(std::span<const int32_t> prompt);
  void append(std::span<const int32_t> tokens) {
    StepEntry entry = session.make_entry(tokens);
    session.model().step({&entry, 1});
  }
  void answer();
  /// Handles the token just sampled; whether another one should follow.
  bool take_token(int32_t token);
  bool stop(lapidary_stop_reason reason) {
    result.stop_reason = reason;
    return false;
  }
  bool is_eos(int32_t token) const;
  void send_rest();
  /// Calls the user back; whether to go on.
  bool send(int32_t token, const std::string &text) {
    return !options.on_token ||
           options.on_token(options.user, token, text.data(), text.size()) == 0;
  }

  Session &session;
  const lapidary_generate_options &options;
  /// Absent in models without tokenizer.
  std::optional<text::StreamDecoder> decoder;
  StopStrings stops;
  lapidary_generation result = LAPIDARY_GENERATION_INIT;
};

/// Seconds since it was made or last asked.
class Stopwatch {
public:
  double lap() {
    auto now = Clock::now();
    std::chrono::duration<double> passed = now - std::exchange(begin, now);
    return passed.count();
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin = Clock::now();
};
} // namespace

std::vector<std::string> Generator::collect_stops() const {
  // Without a tokenizer there is no text that a string could stop.
  if (options.stop_string_count > 0)
    session.model().tokenizer();
  return {options.stop_strings,
          options.stop_strings + options.stop_string_count};
}

lapidary_generation Generator::run(std::span<const int32_t> prompt) {
  result.last_token = -1;
  result.prompt_tokens = prompt.size();
  Stopwatch watch;
  read(prompt);
  result.prompt_seconds = watch.lap();
  answer();
  if (result.stop_reason != LAPIDARY_STOP_CALLBACK)
    send_rest();
  result.generate_seconds = watch.lap();
  return result;
}

/// What an encoder reads is answered by a text of its own, which begins with
/// bos.
void Generator::read(std::span<const int32_t> prompt) {
  int32_t bos = session.model().facts().bos();
  if (session.model().stepper().has_encoder()) {
    session.encode(prompt);
    prompt = {&bos, 1};
  }
  append(prompt);
}

void Generator::answer() {
  while (true) {
    int32_t token = session.choose();
    result.last_token = token;
    result.generated_tokens++;
    if (!take_token(token))
      return;
    append({&token, 1});
  }
}

bool Generator::take_token(int32_t token) {
  if (!options.ignore_eos && is_eos(token))
    return stop(LAPIDARY_STOP_EOS);
  std::string text;
  if (decoder)
    text = stops.append(decoder->append(token));
  if (!send(token, text))
    return stop(LAPIDARY_STOP_CALLBACK);
  if (stops.found())
    return stop(LAPIDARY_STOP_STRING);
  if (result.generated_tokens == options.max_tokens)
    return stop(LAPIDARY_STOP_MAX_TOKENS);
  if (session.sequence().position() == session.model().facts().context())
    return stop(LAPIDARY_STOP_CONTEXT_FULL);
  return true;
}

bool Generator::is_eos(int32_t token) const {
  const auto *eos = session.model().facts().eos();
  return eos && std::find(eos->begin(), eos->end(), token) != eos->end();
}

/// Hands out the text that waited for its end or for a stop string.
void Generator::send_rest() {
  std::string text;
  if (decoder)
    text = stops.append(decoder->finish());
  text += stops.finish();
  if (!text.empty())
    send(-1, text);
}

lapidary_generation
lapidary::generate(Session &session, std::span<const int32_t> prompt,
                   const lapidary_generate_options &options) {
  return Generator(session, options).run(prompt);
}
