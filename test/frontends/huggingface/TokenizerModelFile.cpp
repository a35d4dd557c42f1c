//===- TokenizerModelFile.cpp - Small tokenizer.model files -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/frontends/huggingface/TokenizerModelFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"

using namespace lapidary::huggingface;

static std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7)
    bytes += char(value | 0x80);
  return bytes + char(value);
}

static std::string numberField(unsigned number, uint64_t value) {
  return varint(number << 3) + varint(value);
}

static std::string bytesField(unsigned number, const std::string &bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}

static std::string floatField(unsigned number, float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  std::string bytes = varint(number << 3 | 5);
  for (unsigned shift = 0; shift < 32; shift += 8)
    bytes += char(bits >> shift);
  return bytes;
}

std::string TokenizerModelFile::serialize() const {
  std::string file;
  for (const Piece &piece : pieces)
    file +=
        bytesField(1, bytesField(1, piece.text) + floatField(2, piece.score) +
                          numberField(3, piece.type));
  file +=
      bytesField(2, numberField(3, modelType) + numberField(35, byteFallback));
  return file + bytesField(3, bytesField(2, charsMap) +
                                  numberField(3, addDummyPrefix) +
                                  numberField(4, removeExtraWhitespaces) +
                                  numberField(5, escapeWhitespaces));
}

TokenizerModelFile lapidary::huggingface::makeSmallTokenizerModel() {
  TokenizerModelFile file;
  for (const char *name : {"<pad>", "<eos>", "<bos>"})
    file.pieces.push_back({name, 0, 3});
  file.pieces.push_back({"<unk>", 0, 2});
  for (unsigned byte = 0; byte < 256; ++byte)
    file.pieces.push_back(
        {"<0x" + llvm::utohexstr(byte, false, 2) + ">", 0, 6});
  file.pieces.push_back({"<turn>", 0, 4});
  file.pieces.push_back({"ab", -1, 1});
  file.pieces.push_back({"a", -2, 1});
  file.pieces.push_back({"b", -3, 1});
  return file;
}
