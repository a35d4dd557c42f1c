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

/// A vocabulary that is not here in a file: another one with some pieces called
/// otherwise.
struct Derived {
  std::string base;
  std::map<int32_t, std::string> names;
};

static const std::map<std::string, Derived> derived = {
    {"gemma3n",
     {"gemma3", {{6, "<image_soft_token>"}, {7, "<audio_soft_token>"}}}},
    {"functiongemma",
     {"gemma3",
      {{46, "<start_function_declaration>"},
       {47, "<end_function_declaration>"},
       {48, "<start_function_call>"},
       {49, "<end_function_call>"},
       {50, "<start_function_response>"},
       {51, "<end_function_response>"},
       {52, "<escape>"}}}},
    {"gemma4_video", {"gemma4", {{258884, "<|video|>"}}}},
};

[[noreturn]] static void fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

static std::vector<uint8_t> make_tables(const Derived &vocabulary) {
  std::string path = vocabulary.base == "pebble"
                         ? "examples/pebble/model/tokenizer.model"
                         : "test/tokenizers/" + vocabulary.base + ".model";
  std::string error;
  auto pieces = huggingface::readSentencePieceModel(read_file(path), error);
  if (!pieces)
    fail(path + ": " + error);
  for (const auto &[id, piece] : vocabulary.names)
    pieces->at(id).text = piece;
  auto tables = huggingface::buildTokenizerTables({*pieces}, error);
  if (!tables)
    fail(path + ": " + error);
  return *tables;
}

static std::vector<uint8_t> make_tables(const std::string &name) {
  auto entry = derived.find(name);
  if (entry == derived.end())
    return make_tables(Derived{name, {}});
  return make_tables(entry->second);
}

const std::vector<uint8_t> &tokenizer_tables(const std::string &name) {
  static std::map<std::string, std::vector<uint8_t>> made;
  auto [entry, is_new] = made.try_emplace(name);
  if (is_new)
    entry->second = make_tables(name);
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
