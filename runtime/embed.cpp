//===- embed.cpp - Texts become vectors -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/embed.h"
#include "runtime/error.h"

#include <algorithm>

using namespace lapidary;
using Text = std::span<const int32_t>;

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

[[noreturn]] static void fail_without_prompt(const Model &model,
                                             std::string_view name) {
  std::string names;
  if (model.facts().prompts())
    for (const schema::Prompt *prompt : *model.facts().prompts())
      names += (names.empty() ? "'" : ", '") + prompt->name()->str() + "'";
  fail(LAPIDARY_NOT_IN_ARTIFACT, model.artifact().path(),
       ": has no embedding prompt '", name, "'; it has ",
       names.empty() ? "none" : names);
}

/// The words of the prompt `name`.
static std::string_view find_prompt(const Model &model, std::string_view name) {
  if (model.facts().prompts())
    for (const schema::Prompt *prompt : *model.facts().prompts())
      if (prompt->name()->string_view() == name)
        return prompt->text()->string_view();
  fail_without_prompt(model, name);
}

std::vector<int32_t> lapidary::tokenize_for_embedding(const Model &model,
                                                      const char *prompt,
                                                      std::string_view text) {
  const schema::Model &facts = model.facts();
  const text::Tokenizer &tokenizer = model.tokenizer();
  if (!prompt)
    prompt = facts.default_prompt() ? facts.default_prompt()->c_str() : "";
  text::Prompt parts;
  if (tokenizer.add_bos() && facts.bos() >= 0)
    parts.add_token(facts.bos());
  if (*prompt)
    parts.add_text(find_prompt(model, prompt));
  parts.add_text(text);
  if (tokenizer.add_eos() && facts.eos() && facts.eos()->size() > 0)
    parts.add_token(facts.eos()->Get(0));
  return tokenizer.encode(parts);
}

//===----------------------------------------------------------------------===//
// Embeddings
//===----------------------------------------------------------------------===//

/// How many of `texts`, none of which is longer than a run, share the next run:
/// no more than it has rows for, and many short ones no more than need the KV
/// pages of one that fills it.
static size_t count_next(const Model &model, std::span<const Text> texts) {
  uint64_t page = 1;
  for (const schema::CacheGroup *cache : *model.artifact().root().caches())
    page = std::max<uint64_t>(page, cache->page_tokens());
  auto pages_of = [page](uint64_t tokens) {
    return (tokens + page - 1) / page;
  };
  uint64_t max_rows = model.executor().max_rows(), rows = 0, pages = 0;
  size_t count = 0;
  for (; count < texts.size(); count++) {
    rows += texts[count].size();
    pages += pages_of(texts[count].size());
    if (rows > max_rows || pages > pages_of(max_rows))
      break;
  }
  return count;
}

/// Embeds texts that fit one run.
static void run(Model &model, std::span<const Text> texts, float *embeddings) {
  std::vector<Sequence> sequences(texts.size(), model.make_sequence());
  std::vector<StepEntry> entries;
  entries.reserve(texts.size());
  for (size_t i = 0; i < texts.size(); i++)
    entries.push_back({&sequences[i], texts[i], LAPIDARY_LOGITS_LAST,
                       embeddings + i * model.result_width()});
  model.step(entries);
}

void lapidary::embed(Model &model, std::span<const Text> texts,
                     float *embeddings) {
  for (size_t i = 0; i < texts.size(); i++)
    if (texts[i].size() > model.facts().context())
      fail(LAPIDARY_CONTEXT_FULL, "text ", i, " has ", texts[i].size(),
           " tokens, but the context holds ", model.facts().context(),
           context_advice);
  while (!texts.empty()) {
    size_t count = count_next(model, texts);
    run(model, texts.first(count), embeddings);
    texts = texts.subspan(count);
    embeddings += count * model.result_width();
  }
}
