//===- tokenizers.cpp - Real tokenizers for tests -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tokenizers.h"

#include "frontends/huggingface/SentencePieceModel.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace lapidary::text {

std::string read_file(const std::string &path) {
  std::ifstream file(std::string(LAPIDARY_SOURCE_DIR "/") + path,
                     std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::vector<nlohmann::json> read_json_lines(const std::string &path) {
  std::istringstream lines(read_file(path));
  std::vector<nlohmann::json> result;
  for (std::string line; std::getline(lines, line);)
    result.push_back(nlohmann::json::parse(line));
  return result;
}

[[noreturn]] static void fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

static std::vector<uint8_t> make_tables(const std::string &path) {
  std::string error;
  auto pieces = huggingface::readSentencePieceModel(read_file(path), error);
  if (!pieces)
    fail(path + ": " + error);
  auto tables = huggingface::buildTokenizerTables({*pieces}, error);
  if (!tables)
    fail(path + ": " + error);
  return *tables;
}

const std::vector<uint8_t> &tokenizer_tables(const std::string &name) {
  static std::map<std::string, std::vector<uint8_t>> made;
  auto [entry, is_new] = made.try_emplace(name);
  if (is_new)
    entry->second =
        make_tables(name == "pebble" ? "examples/pebble/model/tokenizer.model"
                                     : "test/tokenizers/" + name + ".model");
  return entry->second;
}

const Tokenizer &tokenizer(const std::string &name) {
  static std::map<std::string, std::unique_ptr<Tokenizer>> opened;
  std::unique_ptr<Tokenizer> &entry = opened[name];
  std::string error;
  if (!entry)
    entry = Tokenizer::open(tokenizer_tables(name), error);
  if (!entry)
    fail(name + ": " + error);
  return *entry;
}

} // namespace lapidary::text
