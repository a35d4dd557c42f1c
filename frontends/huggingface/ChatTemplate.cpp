//===- ChatTemplate.cpp - Which prompts a checkpoint expects ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/ChatTemplate.h"
#include "frontends/huggingface/Fields.h"
#include "frontends/huggingface/Json.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

namespace {

/// What only one template has in it.
struct Mark {
  StringLiteral text;
  StringLiteral name;
};

} // namespace

/// The first that is found decides.
static constexpr Mark marks[] = {
    // The empty thought of large models: a literal line break in the template.
    {"<|channel>thought\\n<channel|>", "gemma4_large"},
    {"<|turn>", "gemma4_edge"},
    {"<start_function_declaration>", "functiongemma"},
    {"<BEGIN_SAFETY_POLICY>", "shieldgemma2"},
    {"Our safety principle", "shieldgemma"},
    {"<audio_soft_token>", "gemma3n"},
    {"System role not supported", "gemma2"},
    {"<start_of_turn>", "gemma3"},
};

/// The runtime's renderer that does what `jinja` does.
static StringRef recognize(StringRef jinja) {
  // Texts that other models' templates may have, too, count with Gemma's turns.
  if (!jinja.contains("<start_of_turn>") && !jinja.contains("<|turn>"))
    return "";
  return find_if(marks,
                 [&](const Mark &mark) { return jinja.contains(mark.text); })
      ->name;
}

/// The template of a JSON file. Where it lists several, each with a name, the
/// one called `default`.
static Expected<std::string> readTemplateField(StringRef path) {
  Expected<json::Object> object = readJsonFile(path);
  if (!object)
    return object.takeError();
  FieldErrors errors(path);
  Fields fields(errors, *object);
  const json::Array *list = object->getArray("chat_template");
  if (!list) {
    std::string jinja = fields.getString("chat_template", "").str();
    if (Error error = errors.take())
      return std::move(error);
    return jinja;
  }
  for (const json::Value &value : *list)
    if (const json::Object *entry = value.getAsObject())
      if (entry->getString("name") == StringRef("default"))
        return entry->getString("template").value_or("").str();
  return "";
}

Expected<std::string>
huggingface::findChatTemplate(const Checkpoint &checkpoint) {
  if (std::optional<std::string> path =
          checkpoint.findFile("chat_template.jinja")) {
    auto buffer = MemoryBuffer::getFile(*path);
    if (!buffer)
      return inputError(*path,
                        "cannot be read: " + buffer.getError().message());
    return recognize((*buffer)->getBuffer()).str();
  }
  for (StringRef name : {"chat_template.json", "tokenizer_config.json"}) {
    std::optional<std::string> path = checkpoint.findFile(name);
    if (!path)
      continue;
    Expected<std::string> jinja = readTemplateField(*path);
    if (!jinja)
      return jinja.takeError();
    if (!jinja->empty())
      return recognize(*jinja).str();
  }
  return "";
}
