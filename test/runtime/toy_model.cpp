//===- toy_model.cpp - The model that runtime tests run -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "toy_model.h"

#include "frontends/huggingface/TokenizerTables.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <random>

using namespace lapidary;
using namespace lapidary::test;
using schema::GridUnit, schema::OperandKind;

/// Where in the arena things are; each has room for the widest program.
namespace {
enum Place : uint64_t { flag = 0, keys = 64, global = 256, local = 448 };
enum ToyKernel : uint32_t {
  check,
  embed,
  append,
  attend,
  logits,
  pool,
  states,
  join,
  source,
  sum,
  best
};
} // namespace
static constexpr uint64_t arena_bytes = 640;
static constexpr uint64_t logit_slices = 4;

static uint32_t weight(int32_t token) { return token * 2654435761u; }

//===----------------------------------------------------------------------===//
// The artifact
//===----------------------------------------------------------------------===//

static Bytes make_weights() {
  std::vector<uint32_t> values(toy_vocabulary);
  for (int32_t token = 0; token < toy_vocabulary; token++)
    values[token] = weight(token);
  Bytes bytes(values.size() * sizeof(uint32_t));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

static Bytes make_tokenizer() {
  using schema::PieceKind;
  huggingface::Vocabulary vocabulary;
  vocabulary.addEos = true;
  auto add = [&](const std::string &text, PieceKind kind) {
    vocabulary.pieces.push_back({text, 0, kind});
  };
  for (const char *text : {"<pad>", "<eos>", "<bos>"})
    add(text, PieceKind::Control);
  add("<unk>", PieceKind::Unknown);
  for (int byte = 0; byte < 256; byte++)
    add(huggingface::getBytePieceText(byte), PieceKind::Byte);
  for (const char *text : {"<start_of_turn>", "<end_of_turn>"})
    add(text, PieceKind::Control);
  for (const char *text : {"<unused0>", "<unused1>"})
    add(text, PieceKind::Unused);
  std::string error;
  auto tables = huggingface::buildTokenizerTables(vocabulary, error);
  return tables ? *tables : Bytes();
}

static void add_cache(schema::ArtifactT &root, const char *name,
                      uint32_t window, uint32_t page_tokens) {
  auto cache = std::make_unique<schema::CacheGroupT>();
  cache->name = name;
  cache->window = window;
  cache->page_tokens = page_tokens;
  cache->page_bytes = page_tokens * sizeof(uint64_t);
  root.caches.push_back(std::move(cache));
}

static void add_command(schema::ProgramT &program, ToyKernel kernel,
                        GridUnit unit, uint32_t slices,
                        std::vector<schema::Operand> operands) {
  auto command = std::make_unique<schema::CommandT>();
  command->kernel = kernel;
  command->operands = std::move(operands);
  command->unit = unit;
  command->rows = unit == GridUnit::Wanted ? GridUnit::Wanted : GridUnit::Row;
  command->slices = slices;
  command->label = "command " + std::to_string(program.commands.size());
  command->weight_bytes = kernel == logits ? toy_vocabulary * 4 : 0;
  command->flops_per_row = 1;
  program.commands.push_back(std::move(command));
}

static void add_attention(schema::ProgramT &program, uint64_t group, Place sums,
                          uint64_t page_tokens, uint64_t window) {
  add_command(program, append, GridUnit::Row, 1,
              {{OperandKind::Arena, keys},
               {OperandKind::Positions, 0},
               {OperandKind::Pages, group},
               {OperandKind::Immediate, page_tokens}});
  add_command(program, attend, GridUnit::Block, 1,
              {{OperandKind::Blocks, 0},
               {OperandKind::Positions, 0},
               {OperandKind::Pages, group},
               {OperandKind::Arena, sums},
               {OperandKind::Immediate, page_tokens},
               {OperandKind::Immediate, window}});
}

/// From the sums over all keys and these.
static void add_logits(schema::ProgramT &program, Place sums) {
  add_command(program, logits, GridUnit::Wanted, logit_slices,
              {{OperandKind::Wanted, 0},
               {OperandKind::Arena, global},
               {OperandKind::Arena, sums},
               {OperandKind::Weight, 0},
               {OperandKind::Result, 0},
               {OperandKind::Immediate, toy_vocabulary},
               {OperandKind::Immediate, logit_slices},
               {OperandKind::Arena, flag}});
}

static void add_program(schema::ArtifactT &root, const char *name,
                        uint32_t min_rows, uint32_t max_rows,
                        uint32_t block_rows) {
  auto program = std::make_unique<schema::ProgramT>();
  program->name = name;
  program->min_rows = min_rows;
  program->max_rows = max_rows;
  program->block_rows = block_rows;
  program->arena_bytes = arena_bytes;
  program->scratch_bytes = sizeof(uint64_t);
  add_command(*program, check, GridUnit::One, 1,
              {{OperandKind::Blocks, 0},
               {OperandKind::Arena, flag},
               {OperandKind::Immediate, block_rows}});
  add_command(*program, embed, GridUnit::Row, 1,
              {{OperandKind::Tokens, 0},
               {OperandKind::Positions, 0},
               {OperandKind::Arena, keys}});
  add_attention(*program, 0, global, toy_global_page, 0);
  add_attention(*program, 1, local, toy_local_page, toy_window);
  add_logits(*program, local);
  auto buffer = std::make_unique<schema::BufferT>();
  buffer->name = "keys";
  buffer->offset = keys;
  buffer->size = toy_max_rows * sizeof(uint64_t);
  buffer->first_command = 1;
  buffer->last_command = 4;
  program->buffers.push_back(std::move(buffer));
  root.programs.push_back(std::move(program));
}

static void add_limit(schema::ArtifactT &root) {
  auto limit = std::make_unique<schema::ProgramT>();
  limit->name = "limit.read";
  limit->max_rows = limit->block_rows = 1;
  limit->scratch_bytes = sizeof(uint64_t);
  add_command(*limit, sum, GridUnit::One, toy_vocabulary,
              {{OperandKind::Weight, 0}});
  limit->commands.back()->label = "read";
  limit->commands.back()->weight_bytes = toy_vocabulary * 4;
  limit->commands.back()->flops_per_row = 0;
  root.limits.push_back(std::move(limit));
}

static void add_function(schema::ArtifactT &root, const char *name,
                         std::vector<uint32_t> results) {
  auto function = std::make_unique<schema::FunctionT>();
  function->name = name;
  function->results = std::move(results);
  root.functions.push_back(std::move(function));
}

static void add_variant(schema::ArtifactT &root, uint32_t code) {
  for (const char *name : {"check", "embed", "append", "attend", "logits",
                           "pool", "states", "join", "source", "sum", "best"}) {
    auto kernel = std::make_unique<schema::KernelT>();
    kernel->name = name;
    root.kernels.push_back(std::move(kernel));
  }
  auto variant = std::make_unique<schema::VariantT>();
  variant->name = "plain";
#if defined(__x86_64__)
  variant->architecture = "x86_64";
#else
  variant->architecture = "aarch64";
#endif
  variant->code = code;
  for (size_t i = 0; i < root.kernels.size(); i++)
    variant->entries.push_back(16 * i);
  root.variants.push_back(std::move(variant));
}

static void add_model(schema::ArtifactT &root) {
  root.model = std::make_unique<schema::ModelT>();
  root.model->name = "toy";
  root.model->architecture = "hash";
  root.model->quantization = "f32";
  root.model->parameters = toy_vocabulary;
  root.model->vocabulary = toy_vocabulary;
  root.model->hidden = 1;
  root.model->layers = 2;
  root.model->context = toy_context;
  root.model->bos = toy_bos;
  root.model->pad = 0;
  root.model->eos = {1, toy_end_of_turn};
  root.model->chat_template = "gemma3";
  root.producer = "a test";
}

ArtifactBuilder test::toy_artifact() {
  ArtifactBuilder artifact;
  schema::ArtifactT &root = artifact.root;
  add_model(root);
  artifact.add_section(schema::SectionKind::Weights, "weights", make_weights());
  uint32_t code = artifact.add_section(schema::SectionKind::Code, "code",
                                       read_file(TOY_KERNELS));
  artifact.add_section(schema::SectionKind::Tokenizer, "tokenizer",
                       make_tokenizer());
  add_cache(root, "global", 0, toy_global_page);
  add_cache(root, "local", toy_window, toy_local_page);
  add_function(root, "text", {toy_vocabulary});
  add_program(root, "one", 1, 1, 1);
  add_program(root, "few", 2, 5, 2);
  add_program(root, "many", 6, toy_max_rows, 4);
  add_variant(root, code);
  add_limit(root);
  auto table = std::make_unique<schema::WeightT>();
  table->name = "table";
  table->format = "f32";
  table->shape = {toy_vocabulary};
  table->size = toy_vocabulary * 4;
  table->row_bytes = 4;
  root.weights.push_back(std::move(table));
  return artifact;
}

static void add_prompt(schema::ModelT &model, const char *name,
                       const char *text) {
  auto prompt = std::make_unique<schema::PromptT>();
  prompt->name = name;
  prompt->text = text;
  model.prompts.push_back(std::move(prompt));
}

ArtifactBuilder test::toy_embedding_artifact() {
  ArtifactBuilder artifact = toy_artifact();
  schema::ModelT &model = *artifact.root.model;
  model.kind = schema::ModelKind::Embedding;
  artifact.root.functions[0]->results = {toy_width};
  model.context = toy_max_rows;
  model.chat_template.clear();
  add_prompt(model, "query", "q:");
  add_prompt(model, "title", "t:");
  model.default_prompt = "query";
  for (const auto &program : artifact.root.programs) {
    program->commands.pop_back();
    add_command(*program, pool, GridUnit::Wanted, 1,
                {{OperandKind::Wanted, 0},
                 {OperandKind::Positions, 0},
                 {OperandKind::Ends, 0},
                 {OperandKind::Arena, keys},
                 {OperandKind::Weight, 0},
                 {OperandKind::Result, 0},
                 {OperandKind::Immediate, toy_width},
                 {OperandKind::Arena, flag}});
  }
  return artifact;
}

/// The logits or states of the wanted rows, from these sums.
static void add_result(schema::ProgramT &program, ToyKernel kernel, Place sums,
                       uint64_t number) {
  add_command(program, kernel, GridUnit::Wanted, 1,
              {{OperandKind::Wanted, 0},
               {OperandKind::Arena, sums},
               {OperandKind::Result, number},
               {OperandKind::Immediate, toy_width}});
}

ArtifactBuilder test::toy_draft_artifact() {
  ArtifactBuilder artifact = toy_artifact();
  schema::ArtifactT &root = artifact.root;
  root.functions[0]->results.push_back(toy_width);
  for (const auto &program : root.programs)
    add_result(*program, states, global, 1);
  add_function(root, "draft", {toy_vocabulary, toy_width});
  auto input = std::make_unique<schema::RowsInputT>();
  input->width = toy_width;
  input->stride = toy_width + 3;
  root.functions[1]->inputs.push_back(std::move(input));
  add_program(root, "draft", 1, 3, 1);
  schema::ProgramT &program = *root.programs.back();
  program.function = 1;
  program.buffers.clear();
  program.commands.resize(1);
  add_command(program, join, GridUnit::Row, 1,
              {{OperandKind::Tokens, 0},
               {OperandKind::Positions, 0},
               {OperandKind::Input, 0},
               {OperandKind::Arena, keys},
               {OperandKind::Immediate, toy_width + 3}});
  add_command(program, attend, GridUnit::Block, 1,
              {{OperandKind::Blocks, 0},
               {OperandKind::Positions, 0},
               {OperandKind::Pages, 0},
               {OperandKind::Arena, global},
               {OperandKind::Immediate, toy_global_page},
               {OperandKind::Immediate, 0}});
  add_logits(program, keys);
  add_result(program, states, keys, 1);
  return artifact;
}

ArtifactBuilder test::toy_source_artifact() {
  ArtifactBuilder artifact = toy_artifact();
  schema::ArtifactT &root = artifact.root;
  add_cache(root, "source", 0, toy_global_page);
  root.caches.back()->source = true;
  for (const auto &program : root.programs) {
    program->commands.pop_back();
    add_command(*program, source, GridUnit::Row, 1,
                {{OperandKind::SourceEnds, 0},
                 {OperandKind::Pages, 2},
                 {OperandKind::Arena, local},
                 {OperandKind::Immediate, toy_global_page}});
    add_logits(*program, local);
  }
  add_function(root, "encode", {toy_width});
  add_program(root, "encode", 1, toy_max_rows, toy_max_rows);
  schema::ProgramT &program = *root.programs.back();
  program.function = 1;
  program.commands.resize(2);
  add_command(program, append, GridUnit::Row, 1,
              {{OperandKind::Arena, keys},
               {OperandKind::Positions, 0},
               {OperandKind::Pages, 2},
               {OperandKind::Immediate, toy_global_page}});
  add_result(program, states, keys, 0);
  program.buffers[0]->last_command = 3;
  return artifact;
}

ArtifactBuilder test::toy_nested_artifact() {
  ArtifactBuilder artifact = toy_artifact();
  schema::ArtifactT &root = artifact.root;
  add_function(root, "text.small", {toy_vocabulary});
  add_program(root, "small", 1, 3, 1);
  schema::ProgramT &program = *root.programs.back();
  program.function = 1;
  // Of what a window holds alone.
  program.commands.back()->operands[1] = {OperandKind::Arena, local};
  return artifact;
}

ArtifactBuilder test::toy_best_artifact() {
  ArtifactBuilder artifact = toy_artifact();
  schema::FunctionT &function = *artifact.root.functions[0];
  function.best = toy_best;
  function.best_rows = toy_best_rows;
  for (const auto &program : artifact.root.programs) {
    program->commands.back()->purpose = schema::Purpose::Logits;
    add_command(*program, best, GridUnit::Wanted, 1,
                {{OperandKind::Wanted, 0},
                 {OperandKind::Arena, global},
                 {OperandKind::Arena, local},
                 {OperandKind::Weight, 0},
                 {OperandKind::Best, 0},
                 {OperandKind::Immediate, toy_vocabulary},
                 {OperandKind::Immediate, toy_best},
                 {OperandKind::Allowed, 0}});
    program->commands.back()->purpose = schema::Purpose::Best;
  }
  return artifact;
}

std::string test::write_toy(ArtifactBuilder artifact) {
  static std::atomic<int> count = 0;
  std::string path = temporary_path("toy-" + std::to_string(count++) + ".lap");
  write_file(path, artifact.finish());
  return path;
}

//===----------------------------------------------------------------------===//
// What it computes
//===----------------------------------------------------------------------===//

static uint64_t mix(uint64_t value) {
  value ^= value >> 31;
  value *= 0x9e3779b97f4a7c15;
  return value ^ value >> 29;
}

static uint64_t key_of(int32_t token, uint32_t position) {
  return mix(uint64_t(token + 1) << 32 | position);
}

/// The sum of the keys of tokens from `first` on.
static uint64_t sum_keys(std::span<const int32_t> tokens, size_t first) {
  uint64_t sum = 0;
  for (size_t i = first; i < tokens.size(); i++)
    sum += key_of(tokens[i], i);
  return sum;
}

static std::vector<float> logits_of(uint64_t global_sum, uint64_t other) {
  std::vector<float> result;
  for (int32_t token = 0; token < toy_vocabulary; token++) {
    uint64_t hash = mix(global_sum + mix(other + weight(token)));
    result.push_back(static_cast<float>(hash >> 40));
  }
  return result;
}

static std::vector<float> states_of(uint64_t sum) {
  std::vector<float> result;
  result.reserve(toy_width);
  for (uint32_t i = 0; i < toy_width; i++)
    result.push_back(static_cast<float>(mix(sum + i) >> 40));
  return result;
}

std::vector<float> test::toy_logits(std::span<const int32_t> tokens) {
  size_t oldest = tokens.size() - std::min<size_t>(tokens.size(), toy_window);
  return logits_of(sum_keys(tokens, 0), sum_keys(tokens, oldest));
}

std::vector<float> test::toy_answer(std::span<const int32_t> source,
                                    std::span<const int32_t> tokens) {
  return logits_of(sum_keys(tokens, 0), sum_keys(source, 0));
}

std::vector<float> test::toy_small_logits(std::span<const int32_t> tokens) {
  size_t oldest = tokens.size() - std::min<size_t>(tokens.size(), toy_window);
  uint64_t sum = sum_keys(tokens, oldest);
  return logits_of(sum, sum);
}

std::vector<float> test::toy_source_states(std::span<const int32_t> source) {
  std::vector<float> result;
  for (size_t i = 0; i < source.size(); i++) {
    std::vector<float> row = states_of(key_of(source[i], i));
    result.insert(result.end(), row.begin(), row.end());
  }
  return result;
}

std::vector<float> test::toy_states(std::span<const int32_t> tokens) {
  return states_of(sum_keys(tokens, 0));
}

ToyDraft test::toy_draft(std::span<const int32_t> tokens, int32_t token,
                         std::span<const float> states) {
  uint64_t key = key_of(token, tokens.size() - 1);
  for (uint32_t i = 0; i < toy_width + 3; i++)
    key = mix(key + (i < toy_width ? static_cast<uint64_t>(states[i]) : 0));
  return {logits_of(sum_keys(tokens, 0), key), states_of(key)};
}

std::vector<float> test::toy_embedding(std::span<const int32_t> tokens) {
  uint64_t sum = sum_keys(tokens, 0);
  std::vector<float> result;
  result.reserve(toy_width);
  for (uint32_t i = 0; i < toy_width; i++)
    result.push_back(static_cast<float>(mix(sum + weight(i)) >> 40));
  return result;
}

std::vector<float> test::all_toy_logits(std::span<const int32_t> tokens) {
  std::vector<float> result;
  for (size_t count = 1; count <= tokens.size(); count++) {
    std::vector<float> row = toy_logits(tokens.first(count));
    result.insert(result.end(), row.begin(), row.end());
  }
  return result;
}

int32_t test::toy_next(std::span<const int32_t> tokens) {
  std::vector<float> row = toy_logits(tokens);
  return std::max_element(row.begin(), row.end()) - row.begin();
}

std::vector<int32_t> test::toy_continuation(std::vector<int32_t> prompt,
                                            size_t count) {
  for (size_t i = 0; i < count; i++)
    prompt.push_back(toy_next(prompt));
  return prompt;
}

std::vector<int32_t> test::toy_tokens(size_t count, uint32_t seed) {
  std::minstd_rand random(seed);
  std::vector<int32_t> tokens(count);
  for (int32_t &token : tokens)
    token = toy_first_byte + random() % 256;
  return tokens;
}
