//===- SentencePrompts.cpp - Words before embedded texts --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/SentencePrompts.h"
#include "frontends/huggingface/Fields.h"
#include "frontends/huggingface/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

Expected<SentencePrompts>
huggingface::readSentencePrompts(StringRef directory) {
  SmallString<128> path(directory);
  sys::path::append(path, "config_sentence_transformers.json");
  if (!sys::fs::exists(path))
    return SentencePrompts();
  Expected<json::Object> object = readJsonFile(path);
  if (!object)
    return object.takeError();
  FieldErrors errors(path);
  Fields fields(errors, *object);
  SentencePrompts prompts;
  if (std::optional<Fields> texts = fields.getFields("prompts"))
    for (StringRef name : make_first_range(*object->getObject("prompts")))
      prompts.texts[name.str()] = texts->getString(name);
  prompts.defaultName = fields.getString("default_prompt_name", "");
  if (!prompts.defaultName.empty() &&
      !prompts.texts.contains(prompts.defaultName))
    fields.reject("default_prompt_name", "the name of one of the 'prompts'");
  if (Error error = errors.take())
    return std::move(error);
  return prompts;
}
