//===- Model.cpp - The C API for C++ ----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Model.h"
#include "compiler/tools/lapidary/Checkpoints.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Progress.h"

#include <algorithm>
#include <filesystem>

using namespace lapidary;
using namespace lapidary::tool;

void tool::check(lapidary_status status) {
  if (status != LAPIDARY_OK)
    throw Failure(static_cast<ExitCode>(lapidary_status_exit_code(status)),
                  lapidary_last_error());
}

//===----------------------------------------------------------------------===//
// Model
//===----------------------------------------------------------------------===//

void tool::addNestedOption(Options &options, std::string &nested) {
  options.add({"--nested", "NAME", "a smaller model that the artifact holds",
               "the whole model"},
              nested);
}

void tool::addWarmOption(Options &options, bool &warm) {
  options.addFlag({"--warm", "", "read the weights ahead, with all cores"},
                  warm);
}

Model::Model(const std::string &path, int64_t threads, bool verify,
             const std::string &nested, bool warm)
    : path(path) {
  std::string artifact =
      std::filesystem::is_directory(path) ? compileIntoCache(path) : path;
  Progress progress("loading " + path);
  lapidary_open_options options = LAPIDARY_OPEN_OPTIONS_INIT;
  options.threads = threads;
  options.verify_weights = verify;
  options.nested = nested.c_str();
  options.warm = warm;
  options.warm_context = &progress;
  options.on_warm = [](void *context, double done) {
    static_cast<Progress *>(context)->update(done);
  };
  lapidary_model *opened = nullptr;
  check(lapidary_model_open(artifact.c_str(), &options, &opened));
  handle.reset(opened);
  check(lapidary_model_get_info(opened, &info));
}

bool Model::endsAnswer(int32_t token) const {
  return std::ranges::count(std::span(info.eos, info.eos_count), token) > 0;
}

void Model::requireText() const {
  if (embeds())
    failInput(path, ": makes embeddings and writes no text; use 'lapidary "
                    "embed'");
}

void Model::requireContinuation() const {
  requireText();
  if (info.has_encoder)
    failInput(path, " writes about what its encoder reads; texts that it would "
                    "continue cannot be scored");
}

void Model::requireEmbedding() const {
  if (!embeds())
    failInput(path, ": writes text and makes no embeddings; use 'lapidary "
                    "run' or 'lapidary chat'");
}

void Model::requireTokenizer() const {
  if (!info.has_tokenizer)
    failInput(path,
              ": has no tokenizer, so it cannot be given text; give it ids "
              "with ",
              embeds() ? "" : "'lapidary run --ids' or ", "'lapidary forward'");
}

/// Calls `fill`, which has the runtime's convention for buffers, twice: for the
/// size and for the content.
template <typename Buffer, typename Fill> static Buffer fillBuffer(Fill fill) {
  size_t size = 0;
  check(fill(nullptr, size_t(0), &size));
  Buffer buffer(size, {});
  check(fill(buffer.data(), buffer.size(), &size));
  return buffer;
}

std::vector<int32_t> Model::tokenize(std::string_view text,
                                     lapidary_tokenize_mode mode) const {
  return fillBuffer<std::vector<int32_t>>(
      [&](int32_t *tokens, size_t capacity, size_t *count) {
        return lapidary_tokenize(get(), text.data(), text.size(), mode, tokens,
                                 capacity, count);
      });
}

std::string Model::detokenize(std::span<const int32_t> tokens) const {
  return fillBuffer<std::string>([&](char *text, size_t capacity,
                                     size_t *size) {
    return lapidary_detokenize(get(), tokens.data(), tokens.size(),
                               LAPIDARY_TOKENIZE_SPECIAL, text, capacity, size);
  });
}

std::vector<int32_t>
Model::renderChat(std::span<const Message> messages) const {
  std::vector<lapidary_message> views;
  for (const Message &message : messages)
    views.push_back(
        {message.role.c_str(), message.content.data(), message.content.size()});
  return fillBuffer<std::vector<int32_t>>(
      [&](int32_t *tokens, size_t capacity, size_t *count) {
        return lapidary_render_chat(get(), views.data(), views.size(),
                                    /*add_answer_start=*/1, tokens, capacity,
                                    count);
      });
}

std::vector<int32_t>
Model::tokenizeForEmbedding(const std::optional<std::string> &prompt,
                            std::string_view text) const {
  const char *name = !prompt             ? nullptr
                     : *prompt == "none" ? ""
                                         : prompt->c_str();
  return fillBuffer<std::vector<int32_t>>(
      [&](int32_t *tokens, size_t capacity, size_t *count) {
        return lapidary_tokenize_for_embedding(
            get(), name, text.data(), text.size(), tokens, capacity, count);
      });
}

void Model::embed(std::span<const std::vector<int32_t>> texts,
                  float *embeddings) const {
  std::vector<lapidary_embed_entry> entries;
  for (const std::vector<int32_t> &text : texts)
    entries.push_back({text.data(), text.size()});
  check(lapidary_embed(get(), entries.data(), entries.size(), embeddings));
}

std::string Model::describeContext() const {
  return concat("the context of ", path, " holds ", info.context,
                "; 'lapidary compile --context N' allows more");
}

void Model::requireTokens(std::string_view what,
                          std::span<const int32_t> tokens) const {
  for (size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i] < 0 || uint32_t(tokens[i]) >= info.vocabulary)
      failInput(what, ": expected ids from 0 to ", info.vocabulary - 1,
                ", the vocabulary of ", path, ", but id ", i + 1, " of ",
                tokens.size(), " is ", tokens[i]);
}

//===----------------------------------------------------------------------===//
// Session
//===----------------------------------------------------------------------===//

Session::Session(const Model &model) {
  lapidary_session *session = nullptr;
  check(lapidary_session_create(model.get(), &session));
  handle.reset(session);
}

Session Session::fork() const {
  lapidary_session *session = nullptr;
  check(lapidary_session_fork(get(), &session));
  return Session(session);
}

void Session::step(std::span<const int32_t> tokens, lapidary_logits mode,
                   float *logits) {
  check(
      lapidary_session_step(get(), tokens.data(), tokens.size(), mode, logits));
}

int32_t Session::next(std::span<const int32_t> tokens) {
  int32_t token = 0;
  check(lapidary_session_next(get(), tokens.data(), tokens.size(), &token));
  return token;
}
