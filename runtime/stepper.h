//===- stepper.h - Appends tokens to sequences ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A step appends tokens to several sequences at once. It first makes room in
// all of them, which may fail, then runs programs, which cannot, and then
// commits: there are no half steps.
#ifndef LAPIDARY_RUNTIME_STEPPER_H
#define LAPIDARY_RUNTIME_STEPPER_H

#include "runtime/artifact.h"
#include "runtime/batch.h"
#include "runtime/candidates.h"
#include "runtime/executor.h"
#include "runtime/include/lapidary.h"
#include "runtime/result_rows.h"
#include "runtime/sequence.h"

#include <cstdint>
#include <map>
#include <optional>
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
  /// Receives as many rows of states; may be null.
  float *states = nullptr;
  /// Instead of the logits of the last token, where `logits_mode` asks for
  /// these, their `best_count` best; may be null.
  std::vector<Candidate> *best = nullptr;
  size_t best_count = 0;
  /// Bits of the tokens that `best` may hold; empty: all.
  std::span<const uint64_t> allowed = {};
};

/// A token that may follow a sequence, and the states of what it follows.
struct DraftEntry {
  Sequence *sequence;
  int32_t token;
  const float *states;
  /// Receive one row each.
  float *logits, *next_states;
};

/// Turns steps into program runs.
class Stepper {
public:
  Stepper(Executor &executor, const Artifact &artifact);

  /// Appends the entries' tokens. Entries name different sequences and have
  /// tokens. On failure all sequences are as before.
  void step(std::span<const StepEntry> entries);

  bool has_encoder() const { return encode_.has_value(); }

  /// Makes `tokens`, which are not empty, the source of `sequence` and forgets
  /// its text. `states`, unless null, receives a row for each token. On failure
  /// the sequence is empty.
  void encode(Sequence &sequence, std::span<const int32_t> tokens,
              float *states);

  /// Numbers in a row of an encoder's states.
  uint32_t source_state_width() const {
    return encode_ ? results_[*encode_][0].width() : 0;
  }

  /// Numbers in a row of states, 0 where the model gives none.
  uint32_t state_width() const;
  bool has_draft() const { return draft_.has_value(); }

  /// Computes what a draft head says of each entry; sequences stay as they are.
  void draft(std::span<const DraftEntry> entries);

  /// Bytes of memory for results on their way to callers.
  uint64_t memory_bytes() const;

private:
  /// What a step adds by the function that computes it.
  using EntriesByFunction = std::map<size_t, std::vector<StepEntry>>;

  void check(const StepEntry &entry) const;
  void check(const DraftEntry &entry) const;
  void check_token(int32_t token, size_t index) const;
  bool finds_best(size_t function, std::span<const StepEntry> entries) const;
  void replace_best(EntriesByFunction &entries);
  void find_best(const StepEntry &entry) const;
  void step_function(size_t function, std::span<const StepEntry> entries);
  void make_room(size_t function, std::span<const StepEntry> entries);
  void begin(size_t function, uint32_t rows);
  void read_ahead(std::span<const StepEntry> entries, const Run &run) const;
  void run(size_t function, std::span<const StepEntry> entries, const Run &run);
  void add_rows(const StepEntry &entry, const Stretch &stretch);
  void add_places(Sequence &sequence, uint64_t position, uint32_t count);
  void add_wanted(const StepEntry &entry, const Stretch &stretch, int64_t row);
  void allow(std::span<const uint64_t> allowed);
  void add_draft(const DraftEntry &entry);
  void finish();
  void deliver_best();

  Executor &executor_;
  const Artifact &artifact_;
  const schema::Model &model_;
  /// Of each function its results.
  std::vector<std::vector<ResultRows>> results_;
  /// The functions that draft and encode.
  std::optional<size_t> draft_, encode_;

  /// The run that is being prepared.
  size_t function_ = 0;
  size_t program_ = 0;
  StepSizes sizes_{};
  /// Whose best logits it finds, in the order of the wanted rows, and where it
  /// writes them.
  std::vector<const StepEntry *> best_entries_;
  Memory keys_;
  /// Of those whose best the runtime has to find.
  std::vector<float> all_logits_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_STEPPER_H
