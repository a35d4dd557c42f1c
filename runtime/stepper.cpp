//===- stepper.cpp - Appends tokens to sequences --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/stepper.h"
#include "runtime/error.h"

#include <algorithm>
#include <map>

using namespace lapidary;

/// What the model is for.
static constexpr size_t main_function = 0;

Stepper::Stepper(Executor &executor, const Artifact &artifact)
    : executor_(executor), artifact_(artifact),
      model_(*artifact.root().model()) {
  size_t keys = 0;
  for (size_t i = 0; i < executor.function_count(); i++) {
    const schema::Function &function = executor.function(i);
    if (function.name()->string_view() == "draft")
      draft_ = i;
    if (function.name()->string_view() == "encode")
      encode_ = i;
    keys = std::max<size_t>(keys, function.best() * function.best_rows());
    results_.emplace_back(function.results()->begin(),
                          function.results()->end());
  }
  if (keys > 0)
    keys_ = Memory(keys * sizeof(int64_t), "best logits");
}

uint32_t Stepper::state_width() const {
  const std::vector<ResultRows> &results = results_[main_function];
  return results.size() > 1 ? results[1].width() : 0;
}

uint64_t Stepper::memory_bytes() const {
  uint64_t sum = keys_.size() + all_logits_.size() * sizeof(float);
  for (const std::vector<ResultRows> &results : results_)
    for (const ResultRows &rows : results)
      sum += rows.memory_bytes();
  return sum;
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

static bool writes_logits(const StepEntry &entry) {
  return entry.logits_mode != LAPIDARY_LOGITS_NONE;
}

void Stepper::step(std::span<const StepEntry> entries) {
  for (const StepEntry &entry : entries)
    check(entry);
  // Models that are nested in each other take turns.
  EntriesByFunction by_function;
  for (const StepEntry &entry : entries)
    by_function[entry.sequence->function()].push_back(entry);
  replace_best(by_function);
  try {
    for (const auto &[function, own] : by_function)
      make_room(function, own);
  } catch (...) {
    for (const StepEntry &entry : entries)
      entry.sequence->abandon();
    throw;
  }
  for (const auto &[function, own] : by_function)
    step_function(function, own);
  for (const auto &[function, own] : by_function)
    for (const StepEntry &entry : own)
      if (entry.best && entry.logits)
        find_best(entry);
}

/// Of all logits, which are nobody else's.
void Stepper::find_best(const StepEntry &entry) const {
  std::span logits(entry.logits, model_.vocabulary());
  if (!entry.allowed.empty())
    leave_out(logits, entry.allowed);
  lapidary::find_best(logits, entry.best_count, *entry.best);
}

/// Whether runs leave out logits because the best are enough.
bool Stepper::finds_best(size_t function,
                         std::span<const StepEntry> entries) const {
  const schema::Function &facts = executor_.function(function);
  uint32_t rows = 0;
  for (const StepEntry &entry : entries) {
    if (!writes_logits(entry))
      continue;
    if (!entry.best || entry.best_count > facts.best())
      return false;
    rows++;
  }
  return rows > 0 && rows <= facts.best_rows();
}

/// Lets all logits be written where no run finds the best alone.
void Stepper::replace_best(EntriesByFunction &entries) {
  std::vector<StepEntry *> replaced;
  for (auto &[function, own] : entries) {
    if (finds_best(function, own))
      continue;
    for (StepEntry &entry : own)
      if (entry.best)
        replaced.push_back(&entry);
  }
  size_t width = model_.vocabulary();
  all_logits_.resize(std::max(all_logits_.size(), replaced.size() * width));
  for (size_t i = 0; i < replaced.size(); i++)
    replaced[i]->logits = all_logits_.data() + i * width;
}

/// Appends the entries' tokens, for which there is room.
void Stepper::step_function(size_t function,
                            std::span<const StepEntry> entries) {
  std::vector<uint64_t> counts;
  for (const StepEntry &entry : entries)
    counts.push_back(entry.tokens.size());
  std::vector<Run> runs = cut_into_runs(counts, executor_.max_rows(function));
  for (size_t i = 0; i < runs.size(); i++) {
    if (i == 0)
      read_ahead(entries, runs[i]);
    // While a run computes, the system reads what the next one looks up.
    if (i + 1 < runs.size())
      read_ahead(entries, runs[i + 1]);
    run(function, entries, runs[i]);
  }
  for (const StepEntry &entry : entries)
    entry.sequence->commit(entry.tokens);
}

void Stepper::check_token(int32_t token, size_t index) const {
  if (uint32_t(token) >= model_.vocabulary())
    fail(LAPIDARY_INVALID_ARGUMENT, "token ", index, " is ", token,
         ", but the vocabulary has ", model_.vocabulary(), " tokens");
}

void Stepper::check(const StepEntry &entry) const {
  if (has_encoder() && entry.sequence->source_length() == 0)
    fail(LAPIDARY_INVALID_ARGUMENT,
         "the model writes about a source, which must be encoded first");
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
    check_token(entry.tokens[i], i);
}

/// Does everything that may fail.
void Stepper::make_room(size_t function, std::span<const StepEntry> entries) {
  uint64_t wanted = 0;
  bool apart = std::count_if(entries.begin(), entries.end(), writes_logits) > 1;
  bool without_states = false;
  for (const StepEntry &entry : entries) {
    wanted += entry.logits_mode == LAPIDARY_LOGITS_ALL ? entry.tokens.size()
                                                       : writes_logits(entry);
    without_states |= writes_logits(entry) && !entry.states;
    if (entry.best)
      entry.best->reserve(entry.best_count);
  }
  wanted = std::min<uint64_t>(wanted, executor_.max_rows(function));
  bool best = finds_best(function, entries);
  best_entries_.reserve(best ? wanted : 0);
  for (size_t i = 0; i < results_[function].size(); i++)
    results_[function][i].reserve(wanted, i == 0 ? apart && !best
                                                 : apart || without_states);
  for (const StepEntry &entry : entries)
    entry.sequence->prepare(entry.tokens.size());
}

void Stepper::read_ahead(std::span<const StepEntry> entries,
                         const Run &run) const {
  for (const Stretch &stretch : run)
    artifact_.read_ahead(
        entries[stretch.entry].tokens.subspan(stretch.first, stretch.count));
}

/// Begins to prepare a run of `rows` rows.
void Stepper::begin(size_t function, uint32_t rows) {
  function_ = function;
  program_ = executor_.choose_program(function, rows);
  sizes_ = {};
  best_entries_.clear();
  for (ResultRows &result : results_[function])
    result.clear();
}

void Stepper::run(size_t function, std::span<const StepEntry> entries,
                  const Run &run) {
  uint32_t rows = 0;
  for (const Stretch &stretch : run)
    rows += stretch.count;
  begin(function, rows);
  for (const Stretch &stretch : run)
    add_rows(entries[stretch.entry], stretch);
  finish();
}

void Stepper::finish() {
  std::vector<float *> places;
  for (ResultRows &result : results_[function_])
    places.push_back(result.begin());
  executor_.run(program_, sizes_, places,
                reinterpret_cast<int64_t *>(keys_.data()));
  for (ResultRows &result : results_[function_])
    result.deliver();
  deliver_best();
}

void Stepper::deliver_best() {
  const auto *keys = reinterpret_cast<const int64_t *>(keys_.data());
  size_t stride = executor_.function(function_).best();
  for (size_t row = 0; row < best_entries_.size(); row++)
    read_keys({keys + row * stride, best_entries_[row]->best_count},
              *best_entries_[row]->best);
}

/// Appends `stretch` to the inputs of the next run.
void Stepper::add_rows(const StepEntry &entry, const Stretch &stretch) {
  int64_t first_row = sizes_.rows;
  std::copy_n(entry.tokens.begin() + stretch.first, stretch.count,
              executor_.inputs().tokens + first_row);
  add_places(*entry.sequence, entry.sequence->position() + stretch.first,
             stretch.count);
  add_wanted(entry, stretch, first_row);
}

/// Appends rows at `count` positions of `sequence`.
void Stepper::add_places(Sequence &sequence, uint64_t position,
                         uint32_t count) {
  StepInputs &inputs = executor_.inputs();
  auto first_row = static_cast<int32_t>(sizes_.rows);
  for (uint32_t i = 0; i < count; i++) {
    inputs.positions[first_row + i] = static_cast<int32_t>(position + i);
    inputs.ends[first_row + i] = static_cast<int32_t>(position + count);
    inputs.source_ends[first_row + i] =
        static_cast<int32_t>(sequence.source_length());
  }
  for (size_t group = 0; group < inputs.pages.size(); group++)
    std::fill_n(inputs.pages[group] + first_row, count, sequence.pages(group));
  uint32_t block_rows = executor_.program(program_).block_rows();
  for (uint32_t i = 0; i < count; i += block_rows)
    inputs.blocks[sizes_.blocks++] = {
        static_cast<int32_t>(first_row + i),
        static_cast<int32_t>(std::min(block_rows, count - i))};
  sizes_.rows += count;
}

/// Notes which rows of `stretch`, which begins at `row`, have their logits
/// wanted, and where they go.
void Stepper::add_wanted(const StepEntry &entry, const Stretch &stretch,
                         int64_t row) {
  bool all = entry.logits_mode == LAPIDARY_LOGITS_ALL;
  for (uint32_t i = 0; i < stretch.count; i++) {
    uint64_t token = stretch.first + i;
    if (!all && (!writes_logits(entry) || token + 1 < entry.tokens.size()))
      continue;
    executor_.inputs().wanted[sizes_.wanted++] = static_cast<int32_t>(row + i);
    if (entry.best && !entry.logits) {
      sizes_.best = std::max<int64_t>(sizes_.best, entry.best_count);
      allow(entry.allowed);
      best_entries_.push_back(&entry);
    }
    float *places[] = {entry.logits, entry.states};
    for (size_t result = 0; result < results_[function_].size(); result++) {
      ResultRows &rows = results_[function_][result];
      float *place = places[result];
      rows.add(place ? place + (all ? token : 0) * rows.width() : nullptr);
    }
  }
}

/// Notes which of the next row's logits may be among its best.
void Stepper::allow(std::span<const uint64_t> allowed) {
  size_t width = results_[function_][0].width(), words = bit_words(width);
  uint64_t *place = executor_.inputs().allowed + best_entries_.size() * words;
  if (!allowed.empty()) {
    std::copy(allowed.begin(), allowed.end(), place);
    return;
  }
  std::fill_n(place, words, ~uint64_t(0));
  if (width % 64)
    place[words - 1] >>= 64 - width % 64;
}

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

void Stepper::encode(Sequence &sequence, std::span<const int32_t> tokens,
                     float *states) {
  uint64_t room =
      std::min<uint64_t>(model_.context(), executor_.max_rows(*encode_));
  if (tokens.size() > room)
    fail(LAPIDARY_CONTEXT_FULL, "source of ", tokens.size(),
         " tokens does not fit the context of ", room, context_advice);
  for (size_t i = 0; i < tokens.size(); i++)
    check_token(tokens[i], i);
  ResultRows &result = results_[*encode_][0];
  result.reserve(states ? tokens.size() : 0, false);
  sequence.truncate(0);
  sequence.forget_source();
  sequence.prepare_source(tokens.size());

  begin(*encode_, tokens.size());
  StepInputs &inputs = executor_.inputs();
  std::copy(tokens.begin(), tokens.end(), inputs.tokens);
  add_places(sequence, 0, tokens.size());
  for (size_t row = 0; states && row < tokens.size(); row++) {
    inputs.wanted[sizes_.wanted++] = static_cast<int32_t>(row);
    result.add(states + row * result.width());
  }
  finish();
  sequence.commit_source(tokens.size());
}

//===----------------------------------------------------------------------===//
// Drafts
//===----------------------------------------------------------------------===//

void Stepper::check(const DraftEntry &entry) const {
  check_token(entry.token, 0);
  if (entry.sequence->position() == 0)
    fail(LAPIDARY_INVALID_ARGUMENT,
         "a draft follows what a session holds, but it holds nothing");
}

void Stepper::draft(std::span<const DraftEntry> entries) {
  for (const DraftEntry &entry : entries)
    check(entry);
  uint32_t max_rows = executor_.max_rows(*draft_);
  for (ResultRows &result : results_[*draft_])
    result.reserve(std::min<size_t>(entries.size(), max_rows),
                   entries.size() > 1);
  while (!entries.empty()) {
    size_t count = std::min<size_t>(entries.size(), max_rows);
    begin(*draft_, count);
    for (const DraftEntry &entry : entries.first(count))
      add_draft(entry);
    finish();
    entries = entries.subspan(count);
  }
}

/// Appends one row, which stands where its states do.
void Stepper::add_draft(const DraftEntry &entry) {
  StepInputs &inputs = executor_.inputs();
  int64_t row = sizes_.rows;
  const schema::RowsInput &states =
      *executor_.function(*draft_).inputs()->Get(0);
  float *place = inputs.rows[0] + row * states.stride();
  std::fill(std::copy_n(entry.states, states.width(), place),
            place + states.stride(), 0.0f);
  inputs.tokens[row] = entry.token;
  inputs.wanted[sizes_.wanted++] = static_cast<int32_t>(row);
  add_places(*entry.sequence, entry.sequence->position() - 1, 1);
  results_[*draft_][0].add(entry.logits);
  results_[*draft_][1].add(entry.next_states);
}
