//===- ChatTemplate.h - Which prompts a checkpoint expects ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_CHATTEMPLATE_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_CHATTEMPLATE_H

#include "frontends/huggingface/Checkpoint.h"

namespace lapidary::huggingface {

/// The runtime's name for the Jinja template of `checkpoint`, such as "gemma3";
/// empty if it has none or one that is not known. It is the one in
/// chat_template.jinja, else in chat_template.json, else in
/// tokenizer_config.json.
llvm::Expected<std::string> findChatTemplate(const Checkpoint &checkpoint);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_CHATTEMPLATE_H
