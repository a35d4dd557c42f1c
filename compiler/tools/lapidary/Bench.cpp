//===- Bench.cpp - lapidary bench -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machines have moods: each figure is the median of short windows, and the
// windows of all cases take turns, so that a slow second touches all of them.
#include "compiler/tools/lapidary/Bench.h"
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Files.h"
#include "compiler/tools/lapidary/Output.h"
#include "compiler/tools/lapidary/Progress.h"

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
  bool commands = false;
  bool logits = false;
  std::optional<std::string> html;
  bool warm = false;
};
} // namespace

/// A window is at least this long, so that clocks and wake-ups do not count.
static constexpr std::chrono::milliseconds windowLength(100);

/// How often a limit is measured before and after a window.
static constexpr size_t kTries = 3;

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

/// Reads a prompt and chooses what comes next; an encoder reads if there is
/// one, and the text about it begins.
static void read(const Model &model, Session &session,
                 std::span<const int32_t> tokens) {
  if (model.getInfo().has_encoder) {
    check(
        lapidary_encode(session.get(), tokens.data(), tokens.size(), nullptr));
    tokens = {&model.getInfo().bos, 1};
  }
  session.next(tokens);
}

/// One window in the making.
struct Sum {
  double seconds = 0;
  size_t tokens = 0;
  /// Every command that the artifact has.
  std::vector<CommandWork> commands;
};

static void addProfile(const Model &model, std::vector<CommandWork> &sums) {
  sums.resize(lapidary_model_profile_count(model.get()));
  for (size_t i = 0; i < sums.size(); ++i) {
    lapidary_profile_entry entry = LAPIDARY_PROFILE_ENTRY_INIT;
    check(lapidary_model_get_profile(model.get(), i, &entry));
    sums[i].add({entry.label, entry.kernel, entry.arithmetic, entry.runs,
                 entry.seconds, double(entry.weight_bytes + entry.kv_bytes),
                 double(entry.flops)});
  }
}

/// Adds what `work`, on `tokens`, takes.
template <typename Work>
static void time(const Model &model, size_t tokens, Sum &sum, Work work) {
  lapidary_model_set_profiling(model.get(), 1);
  Clock::time_point start = Clock::now();
  work();
  sum.seconds += std::chrono::duration<double>(Clock::now() - start).count();
  sum.tokens += tokens;
  addProfile(model, sum.commands);
  lapidary_model_set_profiling(model.get(), 0);
}

/// Reads a prompt.
static void timePrefill(const BenchCase &test, Sum &sum) {
  std::vector<int32_t> tokens = makeTokens(*test.model, test.tokens);
  Session session(*test.model);
  time(*test.model, test.tokens, sum,
       [&] { read(*test.model, session, tokens); });
}

/// Decodes tokens one by one.
static void timeDecode(const BenchCase &test, Sum &sum,
                       std::span<float> logits) {
  std::vector<int32_t> tokens = makeTokens(*test.model, test.tokens + 1);
  Session session = test.past->fork();
  auto append = [&](size_t i) {
    if (test.phase == Phase::Logits)
      session.step({&tokens[i], 1}, LAPIDARY_LOGITS_LAST, logits.data());
    else
      session.next({&tokens[i], 1});
  };
  // The first write to shared pages copies them, which is not decoding.
  append(test.tokens);
  time(*test.model, test.tokens, sum, [&] {
    for (size_t i = 0; i < test.tokens; ++i)
      append(i);
  });
}

/// Embeds a text.
static void timeEmbed(const BenchCase &test, Sum &sum,
                      std::span<float> embedding) {
  std::vector<int32_t> tokens = makeTokens(*test.model, test.tokens);
  time(*test.model, test.tokens, sum,
       [&] { test.model->embed({&tokens, 1}, embedding.data()); });
}

static void time(const BenchCase &test, Sum &sum, std::span<float> result) {
  switch (test.phase) {
  case Phase::Prefill:
    return timePrefill(test, sum);
  case Phase::Decode:
  case Phase::Logits:
    return timeDecode(test, sum, result);
  case Phase::Embed:
    return timeEmbed(test, sum, result);
  }
}

/// What the machine can do, at the best of a few tries.
static Limits measureLimits(const Model &model) {
  Limits limits;
  size_t count = lapidary_model_limit_count(model.get());
  for (size_t i = 0; i < kTries * count; ++i) {
    lapidary_limit limit = LAPIDARY_LIMIT_INIT;
    check(lapidary_model_measure_limit(model.get(), i % count, &limit));
    Limits measured;
    if (limit.flops)
      measured.flops[limit.name] = limit.flops / limit.seconds;
    else
      measured.bytes = limit.bytes / limit.seconds;
    limits.improve(measured);
  }
  return limits;
}

/// Seconds that `work` takes at least.
static double getLimitSeconds(const CommandWork &work, const Limits &limits) {
  double seconds = limits.bytes ? work.bytes / limits.bytes : 0;
  auto peak = limits.flops.find(work.arithmetic);
  if (peak == limits.flops.end())
    return seconds;
  return std::max(seconds, work.flops / peak->second);
}

/// Adds a window; what the machine can do is measured before and after. How
/// fast it reads changes with its other work, how fast it multiplies does not:
/// `peaks` is the best so far.
static void measure(BenchCase &test, Limits &peaks, std::span<float> result) {
  Limits limits = measureLimits(*test.model);
  Sum sum;
  do
    time(test, sum, result);
  while (sum.seconds < std::chrono::duration<double>(windowLength).count());
  limits.improve(measureLimits(*test.model));
  peaks.improve(limits);
  limits.flops = peaks.flops;

  test.commands.resize(sum.commands.size());
  double limitSeconds = 0;
  for (size_t i = 0; i < sum.commands.size(); ++i) {
    CommandWork &work = sum.commands[i];
    work.limitSeconds = getLimitSeconds(work, limits);
    limitSeconds += work.limitSeconds;
    test.commands[i].add(work);
  }
  test.windows.push_back(
      {sum.tokens / sum.seconds, limitSeconds / sum.seconds});
  test.allTokens += sum.tokens;
  test.limits.push_back(std::move(limits));
}

static void measureAll(std::vector<BenchCase> &cases,
                       const BenchOptions &options) {
  Progress progress("measuring " + options.model);
  const lapidary_model_info &info = cases.front().model->getInfo();
  std::vector<float> result(std::max(info.vocabulary, info.embedding_width));
  size_t windows = cases.size() * (options.rounds + 1), done = 0;
  std::map<const Model *, Limits> peaks;
  for (int64_t round = 0; round <= options.rounds; ++round)
    for (BenchCase &test : cases) {
      // The first window of each case pages weights in.
      Sum ignored;
      if (round == 0)
        time(test, ignored, result);
      else
        measure(test, peaks[test.model], result);
      progress.update(double(++done) / windows);
    }
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

static BenchCase makeDecodeCase(Phase phase, const Model &model, size_t tokens,
                                size_t context) {
  BenchCase test{phase, tokens, context, &model, Session(model)};
  if (context > 0)
    read(model, *test.past, makeTokens(model, context));
  return test;
}

static void addCases(std::vector<BenchCase> &cases, const Model &model,
                     const BenchOptions &options) {
  Phase phase = model.embeds() ? Phase::Embed : Phase::Prefill;
  for (int64_t prompt : options.prompts)
    if (fits(model, "a prompt", prompt))
      cases.push_back({phase, size_t(prompt), 0, &model});
  if (model.embeds())
    return;
  std::vector<Phase> decodes = {Phase::Decode};
  if (options.logits)
    decodes.push_back(Phase::Logits);
  for (int64_t context : options.contexts)
    if (fits(model, "decoding", context + options.generate + 1))
      for (Phase decode : decodes)
        cases.push_back(
            makeDecodeCase(decode, model, options.generate, context));
}

static void bench(const BenchOptions &options) {
  std::vector<std::unique_ptr<Model>> models;
  std::vector<int64_t> threads = options.threads;
  if (threads.empty())
    threads.push_back(0);
  models.reserve(threads.size());
  for (int64_t count : threads)
    models.push_back(std::make_unique<Model>(options.model, count,
                                             /*verify=*/false, options.nested,
                                             options.warm));
  std::vector<BenchCase> cases;
  for (const auto &model : models)
    addCases(cases, *model, options);
  if (cases.empty())
    failInput("nothing is left to measure");
  // Before measuring, which takes long, so that a wrong path is told at once.
  std::optional<NewFile> page;
  if (options.html)
    page.emplace(*options.html);
  measureAll(cases, options);
  Document document = describeBench(cases);
  if (page) {
    page->write(renderBenchHtml(document));
    page->commit();
  }
  if (options.json)
    return printJson(document);
  print(renderBenchText(document, options.commands));
}

Action tool::defineBench(Options &options) {
  options.describe("lapidary bench MODEL [--prompt N,..] [--context N,..] "
                   "[--generate N] [options]",
                   "Measures how fast a model reads prompts (prefill) and "
                   "generates (decode), or embeds texts,\nand what share that "
                   "is of what the machine can do.\nFigures come from short "
                   "windows; those of all cases take turns with each other "
                   "and with what\nmeasures the machine.",
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
  options.addFlag({"--logits", "",
                   "decode with all logits written, too: what the head saves "
                   "where a token is chosen"},
                  values->logits);
  addNestedOption(options, values->nested);
  addWarmOption(options, values->warm);
  options.add({"--threads", "N,..", "thread counts", "all cores"},
              values->threads, {1, 4096});
  options.add({"--rounds", "N", "windows of each case, after one to warm up"},
              values->rounds, positiveCount);
  options.addFlag({"--commands", "",
                   "print what each kernel takes, and its share of what the "
                   "machine can do"},
                  values->commands);
  options.addFlag({"--json", "",
                   "print JSON: limits of the machine, and cases with speed, "
                   "share of the limit and commands"},
                  values->json);
  options.add({"--html", "FILE",
               "also write a page with a roofline and the time of each layer"},
              values->html);
  return [values] { bench(*values); };
}
