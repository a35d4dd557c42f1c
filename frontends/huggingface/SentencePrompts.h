//===- SentencePrompts.h - Words before embedded texts ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEPROMPTS_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEPROMPTS_H

#include "llvm/Support/Error.h"
#include <map>
#include <string>

namespace lapidary::huggingface {

/// What a sentence encoder puts before a text, by what the text is for.
struct SentencePrompts {
  /// By their names: "query".
  std::map<std::string, std::string> texts;
  /// The name of the one to use when none is asked for; empty for none.
  std::string defaultName;
};

/// Reads config_sentence_transformers.json in the checkpoint `directory`; there
/// are no prompts if there is no such file.
llvm::Expected<SentencePrompts> readSentencePrompts(llvm::StringRef directory);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEPROMPTS_H
