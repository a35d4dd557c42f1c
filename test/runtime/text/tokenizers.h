//===- tokenizers.h - Real tokenizers for tests -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TEST_RUNTIME_TEXT_TOKENIZERS_H
#define LAPIDARY_TEST_RUNTIME_TEXT_TOKENIZERS_H

#include "runtime/text/tokenizer.h"

#include <nlohmann/json.hpp>

namespace lapidary::text {

/// The whole file at `path`, from the repository's root; empty if unreadable.
std::string read_file(const std::string &path);

/// The lines of a .jsonl file.
std::vector<nlohmann::json> read_json_lines(const std::string &path);

/// The tables of test/tokenizers/`name`.model, Pebble's for `pebble`, or those
/// of a vocabulary that tokenizers.cpp derives from one of these. Made once in
/// a process; ends it when the file is not there.
const std::vector<uint8_t> &tokenizer_tables(const std::string &name);

/// A tokenizer with these tables.
const Tokenizer &tokenizer(const std::string &name);

} // namespace lapidary::text

#endif // LAPIDARY_TEST_RUNTIME_TEXT_TOKENIZERS_H
