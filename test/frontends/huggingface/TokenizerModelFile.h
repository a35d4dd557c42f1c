//===- TokenizerModelFile.h - Small tokenizer.model files -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TEST_FRONTENDS_HUGGINGFACE_TOKENIZERMODELFILE_H
#define LAPIDARY_TEST_FRONTENDS_HUGGINGFACE_TOKENIZERMODELFILE_H

#include <cstdint>
#include <string>
#include <vector>

namespace lapidary::huggingface {

/// What a serialized ModelProto is made of.
struct TokenizerModelFile {
  struct Piece {
    std::string text;
    float score;
    /// As in the .proto file: 1 normal, 3 control, 4 user defined, 6 byte.
    uint64_t type;
  };
  std::vector<Piece> pieces;
  uint64_t modelType = 2;
  uint64_t byteFallback = 1;
  std::string charsMap;
  uint64_t addDummyPrefix = 0;
  uint64_t removeExtraWhitespaces = 0;
  uint64_t escapeWhitespaces = 1;

  std::string serialize() const;
};

/// Four control pieces, 256 bytes, a turn symbol, and "a", "b", "ab": 264.
TokenizerModelFile makeSmallTokenizerModel();

} // namespace lapidary::huggingface

#endif // LAPIDARY_TEST_FRONTENDS_HUGGINGFACE_TOKENIZERMODELFILE_H
