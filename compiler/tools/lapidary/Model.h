//===- Model.h - The C API for C++ ------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Owners of the runtime's handles; failures become exceptions.
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_MODEL_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_MODEL_H

#include "compiler/tools/lapidary/Options.h"
#include "runtime/include/lapidary.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lapidary::tool {

/// Throws a Failure with the runtime's message unless `status` is success.
void check(lapidary_status status);

/// The option of commands that can run a nested model.
void addNestedOption(Options &options, std::string &nested);
/// That of commands that can read the weights ahead.
void addWarmOption(Options &options, bool &warm);

/// One message of a conversation.
struct Message {
  std::string role;
  std::string content;
};

/// An opened model.
class Model {
public:
  /// Opens a .lap file or an executable that carries one, or, compiling it
  /// into the cache when needed, a checkpoint directory. Shows progress when
  /// that takes long. 0 `threads` are as many as the process may use. With
  /// `verify`, weights of any size are checked against their sum.
  /// Sessions run the model `nested` within the whole, or the whole if empty.
  /// With `warm`, weights are read ahead.
  explicit Model(const std::string &path, int64_t threads = 0,
                 bool verify = false, const std::string &nested = "",
                 bool warm = false);

  lapidary_model *get() const { return handle.get(); }
  const lapidary_model_info &getInfo() const { return info; }
  /// The path as people gave it.
  const std::string &getPath() const { return path; }
  /// "the context of model.lap holds 512" and how it holds more.
  std::string describeContext() const;
  bool endsAnswer(int32_t token) const;
  /// Whether it makes embeddings instead of texts.
  bool embeds() const { return info.kind == LAPIDARY_MODEL_EMBEDDING; }

  /// Throw a Failure that says what to do with a model of the other kind.
  void requireText() const;
  void requireContinuation() const;
  void requireEmbedding() const;
  /// Throws a Failure that says what to do when there is no tokenizer.
  void requireTokenizer() const;
  std::vector<int32_t> tokenize(std::string_view text,
                                lapidary_tokenize_mode mode) const;
  /// With control tokens spelled out.
  std::string detokenize(std::span<const int32_t> tokens) const;
  /// The prompt for `messages` that ends where the answer begins.
  std::vector<int32_t> renderChat(std::span<const Message> messages) const;
  /// The tokens of a text to embed behind the words of `prompt`: a name in the
  /// checkpoint, or `none`; its default if absent.
  std::vector<int32_t>
  tokenizeForEmbedding(const std::optional<std::string> &prompt,
                       std::string_view text) const;
  /// Writes the embeddings of texts, given as their tokens, end to end.
  void embed(std::span<const std::vector<int32_t>> texts,
             float *embeddings) const;
  /// Throws a Failure if any token is not in the vocabulary; `what` names
  /// where they come from.
  void requireTokens(std::string_view what,
                     std::span<const int32_t> tokens) const;

private:
  struct Closer {
    void operator()(lapidary_model *model) const {
      lapidary_model_close(model);
    }
  };
  std::string path;
  std::unique_ptr<lapidary_model, Closer> handle;
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
};

/// One sequence of a model, which outlives it.
class Session {
public:
  explicit Session(const Model &model);
  lapidary_session *get() const { return handle.get(); }
  size_t getPosition() const { return lapidary_session_position(get()); }
  /// A second session with the same past.
  Session fork() const;
  /// Appends tokens; `logits` gets the rows that `mode` asks for.
  void step(std::span<const int32_t> tokens, lapidary_logits mode,
            float *logits);
  /// Appends tokens and chooses the next one.
  int32_t next(std::span<const int32_t> tokens);

private:
  explicit Session(lapidary_session *session) : handle(session) {}
  struct Closer {
    void operator()(lapidary_session *session) const {
      lapidary_session_destroy(session);
    }
  };
  std::unique_ptr<lapidary_session, Closer> handle;
};

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_MODEL_H
