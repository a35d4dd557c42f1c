//===- Bench.h - What lapidary bench measured -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_BENCH_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_BENCH_H

#include "compiler/tools/lapidary/Inspection.h"
#include "compiler/tools/lapidary/Model.h"

#include <map>

namespace lapidary::tool {

/// What a machine does per second at best: bytes, and operations in each
/// arithmetic.
struct Limits {
  double bytes = 0;
  std::map<std::string, double> flops;

  /// Keeps the better of each.
  void improve(const Limits &other);
};

/// One command of a program, over some runs.
struct CommandWork {
  std::string label, kernel, arithmetic;
  uint64_t runs = 0;
  double seconds = 0;
  double bytes = 0;
  double flops = 0;
  /// Seconds that the runs would take at the limits of their windows.
  double limitSeconds = 0;

  void add(const CommandWork &other);
  /// 1 is as fast as the machine can; 0 is unknown.
  double getLimitShare() const { return seconds ? limitSeconds / seconds : 0; }
};

/// `Logits` decodes, too, but writes all logits instead of choosing a token.
enum class Phase { Prefill, Decode, Logits, Embed };

struct Window {
  double tokensPerSecond;
  /// Of the time at the limits in the time that it took.
  double limitShare;
};

/// One line of the result.
struct BenchCase {
  Phase phase;
  /// Tokens that a window reads, generates or embeds.
  size_t tokens;
  /// Tokens that are there before.
  size_t context;
  const Model *model;
  /// Decoding continues copies of this.
  std::optional<Session> past = {};
  std::vector<Window> windows = {};
  /// What was computed in all windows, in order.
  std::vector<CommandWork> commands = {};
  /// Tokens of all windows.
  size_t allTokens = 0;
  std::vector<Limits> limits = {};
};

/// "81 %", or nothing where the share is not known.
std::string formatPercent(double share);

/// "2 threads" of a case or a limit.
std::string countThreads(const Document &figure);

/// "decode of 32 at 1024, 2 threads" of a case.
std::string getTitle(const Document &test);

/// All that was measured, as `--json` prints it.
Document describeBench(const std::vector<BenchCase> &cases);

/// The same as tables; with the kernels of each case if wanted.
std::string renderBenchText(const Document &bench, bool commands);

/// The same as a page with a roofline.
std::string renderBenchHtml(const Document &bench);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_BENCH_H
