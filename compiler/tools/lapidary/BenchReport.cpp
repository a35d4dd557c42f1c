//===- BenchReport.cpp - What lapidary bench says ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Bench.h"
#include "compiler/tools/lapidary/Output.h"

#include <algorithm>
#include <functional>

using namespace lapidary;
using namespace lapidary::tool;

void Limits::improve(const Limits &other) {
  bytes = std::max(bytes, other.bytes);
  for (const auto &[arithmetic, rate] : other.flops)
    flops[arithmetic] = std::max(flops[arithmetic], rate);
}

void CommandWork::add(const CommandWork &other) {
  label = other.label;
  kernel = other.kernel;
  arithmetic = other.arithmetic;
  runs += other.runs;
  seconds += other.seconds;
  bytes += other.bytes;
  flops += other.flops;
  limitSeconds += other.limitSeconds;
}

//===----------------------------------------------------------------------===//
// The document
//===----------------------------------------------------------------------===//

static const char *getName(Phase phase) {
  static constexpr const char *names[] = {"prefill", "decode", "logits",
                                          "embed"};
  return names[size_t(phase)];
}

static Document describeFigures(std::vector<double> figures) {
  std::ranges::sort(figures);
  auto at = [&](double share) {
    return figures[size_t(share * double(figures.size() - 1) + 0.5)];
  };
  return {
      {"min", at(0)}, {"median", at(0.5)}, {"p90", at(0.9)}, {"max", at(1)}};
}

template <typename Items, typename Get>
static Document describeAll(const Items &items, Get get) {
  std::vector<double> figures;
  figures.reserve(items.size());
  for (const auto &item : items)
    figures.push_back(get(item));
  return describeFigures(std::move(figures));
}

/// What a command takes for each token of the case.
static Document describeCommand(const CommandWork &work, size_t tokens) {
  double perToken = 1.0 / double(tokens);
  return {{"label", work.label},
          {"kernel", work.kernel},
          {"arithmetic", work.arithmetic},
          {"runs", double(work.runs) * perToken},
          {"seconds", work.seconds * perToken},
          {"bytes", work.bytes * perToken},
          {"flops", work.flops * perToken},
          {"limit_share", work.getLimitShare()}};
}

static Document describeCase(const BenchCase &test) {
  Document commands = Document::array();
  double seconds = 0, bytes = 0, flops = 0;
  for (const CommandWork &work : test.commands) {
    if (work.runs == 0)
      continue;
    seconds += work.seconds;
    bytes += work.bytes;
    flops += work.flops;
    commands.push_back(describeCommand(work, test.allTokens));
  }
  return {
      {"phase", getName(test.phase)},
      {"tokens", test.tokens},
      {"context", test.context},
      {"threads", test.model->getInfo().threads},
      {"tokens_per_second",
       describeAll(test.windows,
                   [](const Window &w) { return w.tokensPerSecond; })},
      {"bytes_per_second", bytes / seconds},
      {"flops_per_second", flops / seconds},
      {"limit_share",
       describeAll(test.windows, [](const Window &w) { return w.limitShare; })},
      {"commands", commands}};
}

/// What the machine could do with the threads of `model`, in all windows.
static Document describeLimits(const std::vector<BenchCase> &cases,
                               const Model &model) {
  std::vector<Limits> all;
  for (const BenchCase &test : cases)
    if (test.model == &model)
      all.insert(all.end(), test.limits.begin(), test.limits.end());
  Document limits = {{"threads", model.getInfo().threads}};
  if (all.front().bytes > 0)
    limits["bytes_per_second"] =
        describeAll(all, [](const Limits &limits) { return limits.bytes; });
  limits["flops_per_second"] = Document::object();
  for (const auto &[arithmetic, rate] : all.front().flops)
    limits["flops_per_second"][arithmetic] = describeAll(
        all, [&](const Limits &limits) { return limits.flops.at(arithmetic); });
  return limits;
}

Document tool::describeBench(const std::vector<BenchCase> &cases) {
  const lapidary_model_info &info = cases.front().model->getInfo();
  Document limits = Document::array(), list = Document::array();
  const Model *last = nullptr;
  for (const BenchCase &test : cases) {
    if (test.model != last)
      limits.push_back(describeLimits(cases, *test.model));
    last = test.model;
    list.push_back(describeCase(test));
  }
  return {{"model", info.name},
          {"quantization", info.quantization},
          {"variant", info.variant},
          {"limits", limits},
          {"cases", list}};
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string tool::formatPercent(double share) {
  return share > 0 ? formatFixed(100 * share, 0) + " %" : "";
}

std::string tool::countThreads(const Document &figure) {
  unsigned threads = figure["threads"];
  return std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

std::string tool::getTitle(const Document &test) {
  return test["phase"].get<std::string>() + " of " + test["tokens"].dump() +
         " at " + test["context"].dump() + ", " + countThreads(test);
}

static std::string renderLimits(const Document &limits) {
  std::string text = "limit of " + countThreads(limits) + ":";
  if (limits.contains("bytes_per_second"))
    text += " reads " +
            formatCount(limits["bytes_per_second"]["median"].get<double>()) +
            "B/s;";
  std::string separator = " multiplies ";
  for (const auto &[arithmetic, rates] : limits["flops_per_second"].items()) {
    text += separator + arithmetic + " " +
            formatCount(rates["median"].get<double>()) + "OP/s";
    separator = ", ";
  }
  return text + "\n";
}

static std::string renderCases(const Document &bench) {
  Table table({"phase", "tokens", "context", "threads", "tokens/s min",
               "median", "p90", "max", "bytes/s", "FLOP/s", "of limit"});
  for (const Document &test : bench["cases"]) {
    const Document &rates = test["tokens_per_second"];
    auto rate = [&](const char *key) {
      return formatFixed(rates[key].get<double>(), 1);
    };
    table.addRow({test["phase"], test["tokens"].dump(), test["context"].dump(),
                  test["threads"].dump(), rate("min"), rate("median"),
                  rate("p90"), rate("max"),
                  formatCount(test["bytes_per_second"].get<double>()) + "B",
                  formatCount(test["flops_per_second"].get<double>()),
                  formatPercent(test["limit_share"]["median"])});
  }
  return table.getText();
}

/// The commands of a case by kernel, the slowest first.
static std::string renderKernels(const Document &test) {
  std::vector<CommandWork> kernels;
  double seconds = 0;
  for (const Document &command : test["commands"]) {
    std::string name = command["kernel"];
    auto kernel = std::ranges::find(kernels, name, &CommandWork::kernel);
    if (kernel == kernels.end())
      kernel = kernels.insert(kernel, CommandWork());
    double taken = command["seconds"];
    kernel->add({"", name, command["arithmetic"], 1, taken, command["bytes"],
                 command["flops"],
                 taken * command["limit_share"].get<double>()});
    seconds += taken;
  }
  std::ranges::sort(kernels, std::greater(), &CommandWork::seconds);
  Table table({"kernel", "commands", "us/token", "of time", "bytes/s", "FLOP/s",
               "of limit"});
  for (const CommandWork &kernel : kernels)
    table.addRow({kernel.kernel, std::to_string(kernel.runs),
                  formatFixed(1e6 * kernel.seconds, 1),
                  formatPercent(kernel.seconds / seconds),
                  formatCount(kernel.bytes / kernel.seconds) + "B",
                  formatCount(kernel.flops / kernel.seconds),
                  formatPercent(kernel.getLimitShare())});
  return "\n" + getTitle(test) + "\n" + table.getText();
}

std::string tool::renderBenchText(const Document &bench, bool commands) {
  std::string text = bench["model"].get<std::string>() + ", " +
                     bench["quantization"].get<std::string>() + ", " +
                     bench["variant"].get<std::string>() + "\n";
  for (const Document &limits : bench["limits"])
    text += renderLimits(limits);
  text += "\n" + renderCases(bench);
  if (commands)
    for (const Document &test : bench["cases"])
      text += renderKernels(test);
  return text;
}
