//===- Tokenizer.h - The tokenizer of a checkpoint --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_TOKENIZER_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_TOKENIZER_H

#include "llvm/Support/Error.h"
#include <cstdint>
#include <vector>

namespace lapidary::huggingface {

/// Turns the tokenizer in `directory` into the runtime's `Tokenizer`
/// FlatBuffer; empty if the checkpoint has none.
///
/// Pieces come from tokenizer.model, else from tokenizer.json. Symbols beyond
/// them, and whether `<bos>` is put in front and `<eos>` behind, come from
/// tokenizer_config.json where it says so; failing that, symbols and `<eos>`
/// come from tokenizer.json. The model
/// has `rows` embedding rows: a symbol without a row is left out (Gemma 3 1B
/// lists its larger sisters' image symbol), an ordinary piece without one is an
/// error.
llvm::Expected<std::vector<uint8_t>> readTokenizer(llvm::StringRef directory,
                                                   int64_t rows);

/// Turns one file into the runtime's `Tokenizer` FlatBuffer: a tokenizer.json
/// if its name ends in .json, else a tokenizer.model.
llvm::Expected<std::vector<uint8_t>> readTokenizerFile(llvm::StringRef path);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_TOKENIZER_H
