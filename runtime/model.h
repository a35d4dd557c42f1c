//===- model.h - An opened model --------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_MODEL_H
#define LAPIDARY_RUNTIME_MODEL_H

#include "runtime/artifact.h"
#include "runtime/executor.h"
#include "runtime/kv_pages.h"
#include "runtime/sequence.h"
#include "runtime/stepper.h"
#include "runtime/text/chat_template.h"
#include "runtime/text/tokenizer.h"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace lapidary {

/// Everything that the sessions of one artifact share. Safe to share by
/// threads.
class Model {
public:
  /// Opens the artifact at `path` with as many threads (0: all that are
  /// usable) and the variant called `variant` (empty: the best that runs).
  Model(const std::string &path, unsigned threads, bool verify_weights,
        std::string_view variant);

  const Artifact &artifact() const { return artifact_; }
  const schema::Model &facts() const { return *artifact_.root().model(); }
  const schema::Variant &variant() const { return variant_; }
  const Executor &executor() const { return executor_; }
  const Stepper &stepper() const { return stepper_; }

  /// Fails with LAPIDARY_NOT_IN_ARTIFACT.
  const text::Tokenizer &tokenizer() const;
  /// Null if the artifact has none.
  const text::Tokenizer *find_tokenizer() const { return tokenizer_.get(); }
  /// Fails with LAPIDARY_NOT_IN_ARTIFACT.
  const text::ChatTemplate &chat_template() const;

  /// Lets sequences be continued by the nested model `name`, or where it is
  /// empty by the whole, unless they are made for another. Fails with
  /// LAPIDARY_NOT_IN_ARTIFACT.
  void choose_nested(std::string_view name) {
    default_function_ = find_nested(name);
  }
  /// Its function.
  size_t default_function() const { return default_function_; }
  /// The function of the nested model `name`. Fails with
  /// LAPIDARY_NOT_IN_ARTIFACT.
  size_t find_nested(std::string_view name) const;
  /// Names of the nested models.
  const std::vector<std::string> &nested() const { return nested_; }

  /// An empty sequence.
  Sequence make_sequence() { return make_sequence(default_function_); }
  Sequence make_sequence(size_t function);

  /// Numbers in a row of what the model is for: logits, or an embedding.
  uint32_t result_width() const {
    return executor_.function(0).results()->Get(0);
  }

  /// Appends tokens as Stepper does; threads wait for each other.
  void step(std::span<const StepEntry> entries);
  /// Encodes as Stepper does.
  void encode(Sequence &sequence, std::span<const int32_t> tokens,
              float *states);
  /// Drafts as Stepper does. Fails with LAPIDARY_NOT_IN_ARTIFACT.
  void draft(std::span<const DraftEntry> entries);

  /// What lapidary_model_get_memory tells.
  lapidary_memory memory();

  /// As Executor does.
  CommandProfile measure_limit(size_t index);
  void set_profiling(bool on);
  /// What was measured for command `command` of program `program`.
  CommandProfile profile(size_t program, size_t command);

private:
  void open_text();
  void open_caches();
  void list_nested();

  Artifact artifact_;
  const schema::Variant &variant_;
  Executor executor_;
  Stepper stepper_;
  /// One for each cache group; tables keep their addresses.
  std::deque<PagePool> pools_;
  std::vector<PageLayout> layouts_;
  std::unique_ptr<text::Tokenizer> tokenizer_;
  std::optional<text::ChatTemplate> chat_template_;
  std::vector<std::string> nested_;
  size_t default_function_ = 0;
  /// Held while the executor is in use.
  std::mutex mutex_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_MODEL_H
