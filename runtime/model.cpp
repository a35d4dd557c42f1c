//===- model.cpp - An opened model ----------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/model.h"
#include "runtime/error.h"
#include "runtime/machine.h"
#include "runtime/thread_count.h"
#include "runtime/variant.h"

using namespace lapidary;

Model::Model(const std::string &path, unsigned threads, bool verify_weights,
             std::string_view variant)
    : artifact_(path, verify_weights),
      variant_(choose_variant(artifact_, this_machine(), variant)),
      executor_(artifact_, variant_, artifact_.load_code(variant_),
                threads > 0 ? threads : usable_threads()),
      stepper_(executor_, artifact_) {
  open_caches();
  open_text();
  list_nested();
}

/// What goes before the name of a nested model in that of its function.
static constexpr std::string_view nested_prefix = "text.";

void Model::list_nested() {
  for (const schema::Function *function : *artifact_.root().functions()) {
    std::string_view name = function->name()->string_view();
    if (name.starts_with(nested_prefix))
      nested_.emplace_back(name.substr(nested_prefix.size()));
  }
}

size_t Model::find_nested(std::string_view name) const {
  if (name.empty())
    return 0;
  std::string names;
  for (size_t i = 0; i < executor_.function_count(); i++) {
    std::string_view function = executor_.function(i).name()->string_view();
    if (!function.starts_with(nested_prefix))
      continue;
    function.remove_prefix(nested_prefix.size());
    if (function == name)
      return i;
    names += (names.empty() ? "'" : ", '") + std::string(function) + "'";
  }
  fail(LAPIDARY_NOT_IN_ARTIFACT, artifact_.path(), ": has no nested model '",
       name, "'; it has ", names.empty() ? "none" : names);
}

void Model::open_caches() {
  for (const schema::CacheGroup *cache : *artifact_.root().caches()) {
    pools_.emplace_back(cache->page_bytes());
    layouts_.push_back(make_page_layout(cache->page_tokens(), cache->window(),
                                        executor_.max_rows()));
  }
}

void Model::open_text() {
  std::span<const std::byte> tables = artifact_.tokenizer();
  if (tables.empty())
    return;
  std::string error;
  tokenizer_ = text::Tokenizer::open(
      {reinterpret_cast<const uint8_t *>(tables.data()), tables.size()}, error);
  if (!tokenizer_)
    fail(LAPIDARY_BAD_ARTIFACT, artifact_.path(), ": ", error);
  const flatbuffers::String *kind = facts().chat_template();
  if (!kind || kind->size() == 0)
    return;
  chat_template_ =
      text::ChatTemplate::create(kind->string_view(), *tokenizer_, error);
  if (!chat_template_)
    fail(LAPIDARY_BAD_ARTIFACT, artifact_.path(), ": ", error);
}

const text::Tokenizer &Model::tokenizer() const {
  if (!tokenizer_)
    fail(LAPIDARY_NOT_IN_ARTIFACT, artifact_.path(),
         ": has no tokenizer, since its checkpoint had none; only token ids "
         "can go in and out");
  return *tokenizer_;
}

const text::ChatTemplate &Model::chat_template() const {
  tokenizer();
  if (!chat_template_)
    fail(LAPIDARY_NOT_IN_ARTIFACT, artifact_.path(),
         ": has no chat template, since its checkpoint had none; it can only "
         "continue texts");
  return *chat_template_;
}

Sequence Model::make_sequence(size_t function) {
  std::vector<SequencePages> pages;
  pages.reserve(layouts_.size());
  for (size_t group = 0; group < layouts_.size(); group++)
    pages.push_back({PageTable(pools_[group], layouts_[group]),
                     artifact_.root().caches()->Get(group)->source()});
  return Sequence(std::move(pages), function);
}

void Model::step(std::span<const StepEntry> entries) {
  std::lock_guard lock(mutex_);
  stepper_.step(entries);
}

void Model::encode(Sequence &sequence, std::span<const int32_t> tokens,
                   float *states) {
  if (!stepper_.has_encoder())
    fail(LAPIDARY_INVALID_ARGUMENT, "'", facts().name()->string_view(),
         "' has no encoder; all that it reads are tokens of its text");
  std::lock_guard lock(mutex_);
  stepper_.encode(sequence, tokens, states);
}

void Model::draft(std::span<const DraftEntry> entries) {
  if (!stepper_.has_draft())
    fail(LAPIDARY_NOT_IN_ARTIFACT, artifact_.path(),
         ": has no draft head; compile it with '--draft'");
  std::lock_guard lock(mutex_);
  stepper_.draft(entries);
}

lapidary_memory Model::memory() {
  std::lock_guard lock(mutex_);
  lapidary_memory memory = LAPIDARY_MEMORY_INIT;
  memory.weights = artifact_.weights().size();
  memory.working = executor_.memory_bytes() + stepper_.memory_bytes();
  for (size_t group = 0; group < pools_.size(); group++) {
    memory.kv += pools_[group].total_bytes();
    memory.kv_per_full_session +=
        pages_for(layouts_[group], facts().context()) *
        pools_[group].page_bytes();
  }
  return memory;
}

CommandProfile Model::measure_limit(size_t index) {
  std::lock_guard lock(mutex_);
  if (index >= executor_.limit_count())
    fail(LAPIDARY_INVALID_ARGUMENT, "there is no limit ", index);
  return executor_.measure_limit(index);
}

void Model::set_profiling(bool on) {
  std::lock_guard lock(mutex_);
  executor_.set_profiling(on);
}

CommandProfile Model::profile(size_t program, size_t command) {
  std::lock_guard lock(mutex_);
  return executor_.profile(program)[command];
}
