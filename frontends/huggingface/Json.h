//===- Json.h - JSON of untrusted files -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checkpoint files come from strangers. llvm::json keeps the last of two equal
// keys and recurses once per bracket; here both are refused before it runs.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_JSON_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_JSON_H

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace lapidary::huggingface {

/// An error about the input file `file`, worded "file: message".
llvm::Error inputError(llvm::StringRef file, const llvm::Twine &message);

/// Parses `text`, which must be one JSON object in UTF-8 without equal keys in
/// one object and without absurd nesting. Errors name `file`.
llvm::Expected<llvm::json::Object> parseJsonObject(llvm::StringRef file,
                                                   llvm::StringRef text);

/// Reads the JSON object that the file at `path` holds.
llvm::Expected<llvm::json::Object> readJsonFile(llvm::StringRef path);

/// Reads the JSON array that the file at `path` holds.
llvm::Expected<llvm::json::Array> readJsonArray(llvm::StringRef path);

/// `value` as an error message shows it: short values as JSON, long ones cut,
/// objects and arrays by their kind.
std::string describe(const llvm::json::Value &value);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_JSON_H
