//===- stepper.h - Appends tokens to sequences ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A step appends tokens to several sequences at once. It first makes room in
// all of them, which may fail, then runs programs, which cannot, and then
// commits: there are no half steps.
#ifndef LAPIDARY_RUNTIME_STEPPER_H
#define LAPIDARY_RUNTIME_STEPPER_H

#include "runtime/batch.h"
#include "runtime/executor.h"
#include "runtime/include/lapidary.h"
#include "runtime/sequence.h"

#include <cstdint>
#include <span>
#include <vector>

namespace lapidary {

/// Ends the message about tokens that do not fit the context.
inline constexpr const char *context_advice =
    "; 'lapidary compile --context N' allows more";

/// What one sequence adds in a step.
struct StepEntry {
  Sequence *sequence;
  std::span<const int32_t> tokens;
  lapidary_logits logits_mode;
  /// Receives the rows that `logits_mode` asks for: of logits, or of what else
  /// the model computes.
  float *logits;
};

/// Turns steps into program runs.
class Stepper {
public:
  Stepper(Executor &executor, const schema::Model &model);

  /// Appends the entries' tokens. Entries name different sequences and have
  /// tokens. On failure all sequences are as before.
  void step(std::span<const StepEntry> entries);

  /// What the compiler says a step costs, with logits for the last `wanted` of
  /// its `rows`.
  lapidary_step_cost cost(uint64_t rows, uint64_t wanted) const;

  /// Bytes of memory for logits on their way to callers.
  uint64_t memory_bytes() const { return staging_.size() * sizeof(float); }

private:
  void check(const StepEntry &entry) const;
  void make_room(std::span<const StepEntry> entries);
  void run(std::span<const StepEntry> entries, const Run &run);
  void add_rows(const StepEntry &entry, const Stretch &stretch,
                uint32_t block_rows, StepSizes &sizes);
  void add_wanted(const StepEntry &entry, const Stretch &stretch, int64_t row,
                  StepSizes &sizes);
  void run_staged(size_t program, const StepSizes &sizes);
  bool destinations_are_contiguous() const;

  Executor &executor_;
  const schema::Model &model_;
  /// Numbers in a row of logits.
  const size_t width_;
  /// Where the logits of the current run's wanted rows go.
  std::vector<float *> destinations_;
  /// Logits of a run whose destinations are apart.
  std::vector<float> staging_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_STEPPER_H
