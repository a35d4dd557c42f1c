//===- stepper.cpp - Appends tokens to sequences --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/stepper.h"
#include "runtime/error.h"

#include <algorithm>

using namespace lapidary;

Stepper::Stepper(Executor &executor, const schema::Model &model)
    : executor_(executor), model_(model),
      width_(model.kind() == schema::ModelKind::Text ? model.vocabulary()
                                                     : model.result_width()) {}

void Stepper::step(std::span<const StepEntry> entries) {
  std::vector<uint64_t> counts;
  for (const StepEntry &entry : entries) {
    check(entry);
    counts.push_back(entry.tokens.size());
  }
  std::vector<Run> runs = cut_into_runs(counts, executor_.max_rows());
  make_room(entries);
  for (const Run &part : runs)
    run(entries, part);
  for (const StepEntry &entry : entries)
    entry.sequence->commit(entry.tokens);
}

void Stepper::check(const StepEntry &entry) const {
  uint64_t position = entry.sequence->position();
  uint64_t room = model_.context() - position;
  if (entry.tokens.size() > room && position == 0)
    fail(LAPIDARY_CONTEXT_FULL, "prompt of ", entry.tokens.size(),
         " tokens does not fit the context of ", model_.context(),
         context_advice);
  if (entry.tokens.size() > room)
    fail(LAPIDARY_CONTEXT_FULL, entry.tokens.size(),
         " tokens more do not fit the context of ", model_.context(),
         ", of which ", position, " are used", context_advice);
  for (size_t i = 0; i < entry.tokens.size(); i++)
    if (uint32_t(entry.tokens[i]) >= model_.vocabulary())
      fail(LAPIDARY_INVALID_ARGUMENT, "token ", i, " is ", entry.tokens[i],
           ", but the vocabulary has ", model_.vocabulary(), " tokens");
}

static bool writes_logits(const StepEntry &entry) {
  return entry.logits_mode != LAPIDARY_LOGITS_NONE;
}

/// Does everything that may fail.
void Stepper::make_room(std::span<const StepEntry> entries) {
  uint64_t wanted = 0;
  for (const StepEntry &entry : entries)
    wanted += entry.logits_mode == LAPIDARY_LOGITS_ALL ? entry.tokens.size()
                                                       : writes_logits(entry);
  wanted = std::min<uint64_t>(wanted, executor_.max_rows());
  destinations_.reserve(wanted);
  try {
    // The rows of a single entry lie end to end where the caller wants them.
    if (std::count_if(entries.begin(), entries.end(), writes_logits) > 1)
      staging_.resize(std::max<size_t>(staging_.size(), wanted * width_));
    for (const StepEntry &entry : entries)
      entry.sequence->prepare(entry.tokens.size());
  } catch (...) {
    for (const StepEntry &entry : entries)
      entry.sequence->abandon();
    throw;
  }
}

void Stepper::run(std::span<const StepEntry> entries, const Run &run) {
  uint32_t rows = 0;
  for (const Stretch &stretch : run)
    rows += stretch.count;
  size_t program = executor_.choose_program(rows);

  StepSizes sizes{};
  destinations_.clear();
  for (const Stretch &stretch : run)
    add_rows(entries[stretch.entry], stretch,
             executor_.program(program).block_rows(), sizes);
  if (destinations_are_contiguous())
    executor_.run(program, sizes,
                  destinations_.empty() ? nullptr : destinations_.front());
  else
    run_staged(program, sizes);
}

/// Appends `stretch` to the inputs of the next run.
void Stepper::add_rows(const StepEntry &entry, const Stretch &stretch,
                       uint32_t block_rows, StepSizes &sizes) {
  StepInputs &inputs = executor_.inputs();
  auto first_row = static_cast<int32_t>(sizes.rows);
  uint64_t position = entry.sequence->position() + stretch.first;
  for (uint32_t i = 0; i < stretch.count; i++) {
    inputs.tokens[first_row + i] = entry.tokens[stretch.first + i];
    inputs.positions[first_row + i] = static_cast<int32_t>(position + i);
    inputs.ends[first_row + i] = static_cast<int32_t>(position + stretch.count);
  }
  for (size_t group = 0; group < inputs.pages.size(); group++)
    std::fill_n(inputs.pages[group] + first_row, stretch.count,
                entry.sequence->pages(group));
  for (uint32_t i = 0; i < stretch.count; i += block_rows)
    inputs.blocks[sizes.blocks++] = {
        static_cast<int32_t>(first_row + i),
        static_cast<int32_t>(std::min(block_rows, stretch.count - i))};
  sizes.rows += stretch.count;
  add_wanted(entry, stretch, first_row, sizes);
}

/// Notes which rows of `stretch`, which begins at `row`, have their logits
/// wanted, and where they go.
void Stepper::add_wanted(const StepEntry &entry, const Stretch &stretch,
                         int64_t row, StepSizes &sizes) {
  bool all = entry.logits_mode == LAPIDARY_LOGITS_ALL;
  for (uint32_t i = 0; i < stretch.count; i++) {
    uint64_t token = stretch.first + i;
    if (!all && (!writes_logits(entry) || token + 1 < entry.tokens.size()))
      continue;
    executor_.inputs().wanted[sizes.wanted++] = static_cast<int32_t>(row + i);
    destinations_.push_back(entry.logits + (all ? token : 0) * width_);
  }
}

bool Stepper::destinations_are_contiguous() const {
  for (size_t i = 1; i < destinations_.size(); i++)
    if (destinations_[i] != destinations_[i - 1] + width_)
      return false;
  return true;
}

void Stepper::run_staged(size_t program, const StepSizes &sizes) {
  executor_.run(program, sizes, staging_.data());
  for (size_t i = 0; i < destinations_.size(); i++)
    std::copy_n(staging_.data() + i * width_, width_, destinations_[i]);
}

lapidary_step_cost Stepper::cost(uint64_t rows, uint64_t wanted) const {
  lapidary_step_cost sum = LAPIDARY_STEP_COST_INIT;
  while (rows > 0) {
    uint64_t part = std::min<uint64_t>(rows, executor_.max_rows());
    rows -= part;
    // Wanted rows are the last ones: those that later runs cannot hold.
    uint64_t part_wanted = std::min(wanted > rows ? wanted - rows : 0, part);
    size_t program = executor_.choose_program(static_cast<uint32_t>(part));
    for (const schema::Command *command :
         *executor_.program(program).commands()) {
      bool by_wanted = command->rows() == schema::GridUnit::Wanted;
      uint64_t units = by_wanted ? part_wanted : part;
      sum.weight_bytes += units > 0 ? command->weight_bytes() : 0;
      sum.flops += command->flops_per_row() * units;
    }
  }
  return sum;
}
