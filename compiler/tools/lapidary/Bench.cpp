//===- Bench.cpp - lapidary bench -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machines have moods: each figure is the median of short windows, and the
// windows of all cases take turns, so that a slow second touches all of them.
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Model.h"
#include "compiler/tools/lapidary/Output.h"
#include "compiler/tools/lapidary/Progress.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>

using namespace lapidary;
using namespace lapidary::tool;

namespace {
using Clock = std::chrono::steady_clock;

struct BenchOptions {
  std::string model, nested;
  std::vector<int64_t> prompts = {128, 512};
  std::vector<int64_t> contexts = {16, 1024};
  std::vector<int64_t> threads;
  int64_t generate = 32;
  int64_t rounds = 5;
  bool json = false;
};

enum class Phase { Prefill, Decode, Embed };

/// One line of the result.
struct Case {
  Phase phase;
  /// Tokens that a window reads, generates or embeds.
  size_t tokens;
  /// Tokens that are there before.
  size_t context;
  const Model *model;
  /// Decoding continues copies of this.
  std::optional<Session> past;
  /// Tokens per second of each window.
  std::vector<double> rates;

  double getRate(double share) const {
    return rates[size_t(share * (rates.size() - 1) + 0.5)];
  }
};
} // namespace

/// A window is at least this long, so that clocks and wake-ups do not count.
static constexpr std::chrono::milliseconds windowLength(100);

/// The same `count` ids on every machine: no token is like the one before.
static std::vector<int32_t> makeTokens(const Model &model, size_t count) {
  std::minstd_rand random(1);
  std::vector<int32_t> tokens(count);
  for (int32_t &token : tokens)
    token = random() % model.getInfo().vocabulary;
  return tokens;
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// Reads a prompt; an encoder does so if there is one, and the text about it
/// begins.
static void read(const Model &model, Session &session,
                 std::span<const int32_t> tokens, lapidary_logits mode,
                 float *logits) {
  if (!model.getInfo().has_encoder)
    return session.step(tokens, mode, logits);
  check(lapidary_encode(session.get(), tokens.data(), tokens.size(), nullptr));
  session.step({&model.getInfo().bos, 1}, mode, logits);
}

/// Seconds to read a prompt of `tokens`.
static double timePrefill(const Case &test, std::span<float> logits) {
  std::vector<int32_t> tokens = makeTokens(*test.model, test.tokens);
  Session session(*test.model);
  Clock::time_point start = Clock::now();
  read(*test.model, session, tokens, LAPIDARY_LOGITS_LAST, logits.data());
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Seconds to decode `tokens` one by one.
static double timeDecode(const Case &test, std::span<float> logits) {
  std::vector<int32_t> tokens = makeTokens(*test.model, test.tokens + 1);
  Session session = test.past->fork();
  // The first write to shared pages copies them, which is not decoding.
  session.step(std::span(tokens).last(1), LAPIDARY_LOGITS_LAST, logits.data());
  Clock::time_point start = Clock::now();
  for (size_t i = 0; i < test.tokens; ++i)
    session.step(std::span(tokens).subspan(i, 1), LAPIDARY_LOGITS_LAST,
                 logits.data());
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Seconds to embed a text of `tokens`.
static double timeEmbed(const Case &test, std::span<float> embedding) {
  std::vector<int32_t> tokens = makeTokens(*test.model, test.tokens);
  Clock::time_point start = Clock::now();
  test.model->embed({&tokens, 1}, embedding.data());
  return std::chrono::duration<double>(Clock::now() - start).count();
}

static double time(const Case &test, std::span<float> result) {
  switch (test.phase) {
  case Phase::Prefill:
    return timePrefill(test, result);
  case Phase::Decode:
    return timeDecode(test, result);
  case Phase::Embed:
    return timeEmbed(test, result);
  }
  __builtin_unreachable();
}

/// Tokens per second over one window.
static double measure(const Case &test, std::span<float> result) {
  double seconds = 0;
  size_t tokens = 0;
  do {
    seconds += time(test, result);
    tokens += test.tokens;
  } while (seconds < std::chrono::duration<double>(windowLength).count());
  return tokens / seconds;
}

static void measureAll(std::vector<Case> &cases, const BenchOptions &options) {
  Progress progress("measuring " + options.model);
  const lapidary_model_info &info = cases.front().model->getInfo();
  std::vector<float> result(std::max(info.vocabulary, info.embedding_width));
  size_t windows = cases.size() * (options.rounds + 1), done = 0;
  for (int64_t round = 0; round <= options.rounds; ++round)
    for (Case &test : cases) {
      double rate = measure(test, result);
      // The first window of each case pages weights in.
      if (round > 0)
        test.rates.push_back(rate);
      progress.update(double(++done) / windows);
    }
  for (Case &test : cases)
    std::ranges::sort(test.rates);
}

//===----------------------------------------------------------------------===//
// Cases
//===----------------------------------------------------------------------===//

/// Leaves out cases that do not fit the context and says so.
static bool fits(const Model &model, const char *what, size_t tokens) {
  if (tokens <= model.getInfo().context)
    return true;
  std::fprintf(stderr,
               "lapidary: warning: left out: %s needs %zu positions, but %s\n",
               what, tokens, model.describeContext().c_str());
  return false;
}

static Case makeDecodeCase(const Model &model, size_t tokens, size_t context) {
  Case test{Phase::Decode, tokens, context, &model, Session(model), {}};
  if (context > 0)
    read(model, *test.past, makeTokens(model, context), LAPIDARY_LOGITS_NONE,
         nullptr);
  return test;
}

static void addCases(std::vector<Case> &cases, const Model &model,
                     const BenchOptions &options) {
  Phase phase = model.embeds() ? Phase::Embed : Phase::Prefill;
  for (int64_t prompt : options.prompts)
    if (fits(model, "a prompt", prompt))
      cases.push_back({phase, size_t(prompt), 0, &model, {}, {}});
  if (model.embeds())
    return;
  for (int64_t context : options.contexts)
    if (fits(model, "decoding", context + options.generate + 1))
      cases.push_back(makeDecodeCase(model, options.generate, context));
}

/// What one window computes, by the compiler's account: its steps' costs.
static lapidary_step_cost getCost(const Case &test) {
  lapidary_step_cost cost = LAPIDARY_STEP_COST_INIT;
  bool decode = test.phase == Phase::Decode;
  if (!decode && test.model->getInfo().has_encoder)
    check(lapidary_model_encode_cost(test.model->get(), test.tokens, &cost));
  else
    check(lapidary_model_step_cost(test.model->get(), decode ? 1 : test.tokens,
                                   1, &cost));
  if (decode) {
    cost.weight_bytes *= test.tokens;
    cost.flops *= test.tokens;
  }
  return cost;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

static const char *getName(Phase phase) {
  static constexpr const char *names[] = {"prefill", "decode", "embed"};
  return names[size_t(phase)];
}

static void printDocument(const std::vector<Case> &cases) {
  auto list = nlohmann::ordered_json::array();
  for (const Case &test : cases) {
    lapidary_step_cost cost = getCost(test);
    double windows = test.getRate(0.5) / test.tokens;
    list.push_back({{"phase", getName(test.phase)},
                    {"tokens", test.tokens},
                    {"context", test.context},
                    {"threads", test.model->getInfo().threads},
                    {"tokens_per_second",
                     {{"min", test.getRate(0)},
                      {"median", test.getRate(0.5)},
                      {"max", test.getRate(1)}}},
                    {"bytes_per_second", cost.weight_bytes * windows},
                    {"flops_per_second", cost.flops * windows}});
  }
  printJson(list);
}

static void printTable(const std::vector<Case> &cases) {
  const lapidary_model_info &info = cases.front().model->getInfo();
  print(concat(info.name, ", ", info.quantization, ", ", info.variant, "\n"));
  Table table({"phase", "tokens", "context", "threads", "tokens/s min",
               "median", "max", "weights/s", "FLOP/s"});
  for (const Case &test : cases) {
    lapidary_step_cost cost = getCost(test);
    double windows = test.getRate(0.5) / test.tokens;
    table.addRow({getName(test.phase), std::to_string(test.tokens),
                  std::to_string(test.context),
                  std::to_string(test.model->getInfo().threads),
                  formatFixed(test.getRate(0), 1),
                  formatFixed(test.getRate(0.5), 1),
                  formatFixed(test.getRate(1), 1),
                  formatCount(cost.weight_bytes * windows) + "B",
                  formatCount(cost.flops * windows)});
  }
  print(table.getText());
}

static void bench(const BenchOptions &options) {
  std::vector<std::unique_ptr<Model>> models;
  std::vector<int64_t> threads = options.threads;
  if (threads.empty())
    threads.push_back(0);
  models.reserve(threads.size());
  for (int64_t count : threads)
    models.push_back(std::make_unique<Model>(options.model, count,
                                             /*verify=*/false, options.nested));
  std::vector<Case> cases;
  for (const auto &model : models)
    addCases(cases, *model, options);
  if (cases.empty())
    failInput("nothing is left to measure");
  measureAll(cases, options);
  options.json ? printDocument(cases) : printTable(cases);
}

Action tool::defineBench(Options &options) {
  options.describe("lapidary bench MODEL [--prompt N,..] [--context N,..] "
                   "[--generate N] [options]",
                   "Measures how fast a model reads prompts (prefill) and "
                   "generates (decode), or embeds texts.\nEach figure comes "
                   "from short windows; those of all cases take turns.",
                   "lapidary bench gemma.lap --prompt 512 --context 16,1024 "
                   "--threads 1,2");
  auto values = std::make_shared<BenchOptions>();
  options.addOperand({"MODEL", "",
                      "a .lap file, or a checkpoint directory "
                      "(compiled for this machine once)"},
                     values->model);
  options.add({"--prompt", "N,..", "tokens of the prompts or texts to read"},
              values->prompts, positiveCount);
  options.add({"--context", "N,..", "tokens that are there before decoding"},
              values->contexts, anyCount);
  options.add({"--generate", "N", "tokens to decode"}, values->generate,
              positiveCount);
  addNestedOption(options, values->nested);
  options.add({"--threads", "N,..", "thread counts", "all cores"},
              values->threads, {1, 4096});
  options.add({"--rounds", "N", "windows of each case, after one to warm up"},
              values->rounds, positiveCount);
  options.addFlag({"--json", "",
                   "print JSON: a list of phase, tokens, context, "
                   "threads, tokens_per_second, bytes_per_second, "
                   "flops_per_second"},
                  values->json);
  return [values] { bench(*values); };
}
