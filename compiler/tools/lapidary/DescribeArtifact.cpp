//===- DescribeArtifact.cpp - Facts of an artifact --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/ArtifactFile.h"
#include "compiler/tools/lapidary/Checkpoints.h"
#include "compiler/tools/lapidary/Inspection.h"

#include <algorithm>

using namespace lapidary;
using namespace lapidary::tool;

template <typename Items, typename Describe>
static Document describeAll(const Items *items, Describe describe) {
  Document list = Document::array();
  for (const auto *item : *items)
    list.push_back(describe(*item));
  return list;
}

static std::string toString(const flatbuffers::String *text) {
  return text ? text->str() : "";
}

static Document describeEmbedding(const schema::Artifact &artifact) {
  const schema::Model &model = *artifact.model();
  Document prompts = Document::object();
  if (model.prompts())
    for (const schema::Prompt *prompt : *model.prompts())
      prompts[prompt->name()->str()] = prompt->text()->str();
  return {{"width", artifact.functions()->Get(0)->results()->Get(0)},
          {"prompts", prompts},
          {"default_prompt", toString(model.default_prompt())}};
}

static Document describeModel(const schema::Artifact &artifact) {
  const schema::Model &model = *artifact.model();
  Document eos = Document::array();
  if (model.eos())
    eos = std::vector<int32_t>(model.eos()->begin(), model.eos()->end());
  Document facts = {{"name", model.name()->str()},
                    {"architecture", model.architecture()->str()},
                    {"quantization", model.quantization()->str()},
                    {"parameters", model.parameters()},
                    {"vocabulary", model.vocabulary()},
                    {"hidden", model.hidden()},
                    {"layers", model.layers()},
                    {"context", model.context()},
                    {"bos", model.bos()},
                    {"pad", model.pad()},
                    {"eos", eos},
                    {"chat_template", toString(model.chat_template())},
                    {"temperature", model.temperature()},
                    {"top_k", model.top_k()},
                    {"top_p", model.top_p()}};
  if (model.kind() == schema::ModelKind::Embedding)
    facts["embedding"] = describeEmbedding(artifact);
  return facts;
}

static Document describeSection(const schema::Section &section) {
  return {{"name", section.name()->str()},
          {"kind", schema::EnumNameSectionKind(section.kind())},
          {"offset", section.offset()},
          {"bytes", section.size()}};
}

static uint64_t divideUp(uint64_t value, uint64_t divisor) {
  return divisor ? (value + divisor - 1) / divisor : 0;
}

/// Pages that one sequence of `context` tokens needs: all of them, or a ring
/// for a window and the widest step.
static uint64_t countPages(const schema::Artifact &artifact,
                           const schema::CacheGroup &cache, uint64_t context) {
  uint64_t widest = artifact.programs()->size() == 0
                        ? 0
                        : artifact.programs()->rbegin()->max_rows();
  // A state takes one page, however long the sequence is.
  uint64_t pages =
      cache.page_tokens() ? divideUp(context, cache.page_tokens()) : 1;
  if (cache.window())
    pages = std::min(
        pages, divideUp(cache.window() + widest, cache.page_tokens()) + 1);
  return pages;
}

static Document describeCache(const schema::Artifact &artifact,
                              const schema::CacheGroup &cache) {
  uint64_t pages = countPages(artifact, cache, artifact.model()->context());
  return {{"name", cache.name()->str()},
          {"window", cache.window()},
          {"page_tokens", cache.page_tokens()},
          {"page_bytes", cache.page_bytes()},
          {"full_bytes", pages * cache.page_bytes()},
          {"saved_bytes", pages * cache.saved_bytes()}};
}

static uint64_t getKvBytes(const schema::Artifact &artifact, uint64_t context) {
  uint64_t bytes = 0;
  for (const schema::CacheGroup *cache : *artifact.caches())
    bytes += countPages(artifact, *cache, context) * cache->page_bytes();
  return bytes;
}

/// Bytes that are in memory besides the KV cache when everything has been in
/// use: weights but those of which rows are looked up, the tokenizer, the code
/// of a variant, activations.
static uint64_t getFixedBytes(const schema::Artifact &artifact) {
  uint64_t bytes = 0, code = 0, arena = 0;
  for (const schema::Section *section : *artifact.sections())
    if (section->kind() == schema::SectionKind::Code)
      code = std::max(code, section->size());
    else
      bytes += section->size();
  for (const schema::Weight *weight : *artifact.weights())
    if (weight->row_bytes())
      bytes -= weight->size();
  for (const schema::Program *program : *artifact.programs())
    arena = std::max<uint64_t>(arena, program->arena_bytes());
  return bytes + code + arena;
}

/// Bytes of the KV cache and of all that is in memory, at powers of four up to
/// the context.
static Document describeKvBytes(const schema::Artifact &artifact) {
  Document list = Document::array();
  uint64_t fixed = getFixedBytes(artifact);
  auto add = [&](uint64_t tokens) {
    uint64_t bytes = getKvBytes(artifact, tokens);
    list.push_back({{"context", tokens},
                    {"bytes", bytes},
                    {"resident_bytes", fixed + bytes}});
  };
  uint64_t context = artifact.model()->context();
  for (uint64_t tokens = 256; tokens < context; tokens *= 4)
    add(tokens);
  add(context);
  return list;
}

static Document describeVariant(const schema::Artifact &artifact,
                                const schema::Variant &variant) {
  Document features = Document::array();
  for (const flatbuffers::String *feature : *variant.features())
    features.push_back(feature->str());
  bool known = variant.code() < artifact.sections()->size();
  return {{"name", variant.name()->str()},
          {"architecture", variant.architecture()->str()},
          {"features", features},
          {"code_bytes",
           known ? artifact.sections()->Get(variant.code())->size() : 0}};
}

static std::string toLower(std::string name) {
  std::ranges::transform(name, name.begin(), ::tolower);
  return name;
}

static std::string getGrid(const schema::Command &command) {
  std::string slices = std::to_string(command.slices());
  if (command.unit() == schema::GridUnit::One)
    return slices;
  return toLower(schema::EnumNameGridUnit(command.unit())) + " x " + slices;
}

static Document describeCommand(const schema::Artifact &artifact,
                                const schema::Command &command) {
  return {
      {"label", toString(command.label())},
      {"kernel", artifact.kernels()->Get(command.kernel())->name()->str()},
      {"grid", getGrid(command)},
      {"weight_bytes", command.weight_bytes()},
      {"flops_per_row", command.flops_per_row()},
      {"wanted_rows_only", command.rows() == schema::GridUnit::Wanted},
      {"purpose", toLower(schema::EnumNamePurpose(command.purpose()))},
  };
}

static Document describeBuffer(const schema::Buffer &buffer) {
  return {{"name", buffer.name()->str()},
          {"offset", buffer.offset()},
          {"bytes", buffer.size()},
          {"first_command", buffer.first_command()},
          {"last_command", buffer.last_command()}};
}

static Document describeProgram(const schema::Artifact &artifact,
                                const schema::Program &program) {
  uint64_t weightBytes = 0, flops = 0, wantedFlops = 0;
  for (const schema::Command *command : *program.commands()) {
    // Totals are those of a run that gives all logits.
    if (command->purpose() == schema::Purpose::Best)
      continue;
    weightBytes += command->weight_bytes();
    flops += command->flops_per_row();
    if (command->rows() == schema::GridUnit::Wanted)
      wantedFlops += command->flops_per_row();
  }
  return {{"name", program.name()->str()},
          {"min_rows", program.min_rows()},
          {"max_rows", program.max_rows()},
          {"block_rows", program.block_rows()},
          {"arena_bytes", program.arena_bytes()},
          {"scratch_bytes", program.scratch_bytes()},
          {"weight_bytes", weightBytes},
          {"flops_per_row", flops},
          {"flops_per_unwanted_row", flops - wantedFlops},
          {"commands", describeAll(program.commands(),
                                   [&](const schema::Command &command) {
                                     return describeCommand(artifact, command);
                                   })},
          {"buffers", describeAll(program.buffers(), describeBuffer)}};
}

static Document describeWeight(const schema::Weight &weight) {
  return {{"name", weight.name()->str()},
          {"format", weight.format()->str()},
          {"shape", std::vector<uint64_t>(weight.shape()->begin(),
                                          weight.shape()->end())},
          {"offset", weight.offset()},
          {"bytes", weight.size()},
          {"row_bytes", weight.row_bytes()}};
}

Document tool::describeArtifact(const std::string &path) {
  ArtifactFile file(path);
  const schema::Artifact &root = file.getRoot();
  return {{"path", path},
          {"bytes", file.getSize()},
          {"producer", toString(root.producer())},
          {"model", describeModel(root)},
          {"sections", describeAll(root.sections(), describeSection)},
          {"caches", describeAll(root.caches(),
                                 [&](const schema::CacheGroup &cache) {
                                   return describeCache(root, cache);
                                 })},
          {"kv_bytes", describeKvBytes(root)},
          {"variants", describeAll(root.variants(),
                                   [&](const schema::Variant &variant) {
                                     return describeVariant(root, variant);
                                   })},
          {"programs", describeAll(root.programs(),
                                   [&](const schema::Program &program) {
                                     return describeProgram(root, program);
                                   })},
          {"weights", describeAll(root.weights(), describeWeight)}};
}

static Document describeCaches(const CheckpointFacts &facts) {
  Document list = Document::array();
  for (const CacheFacts &cache : facts.caches) {
    uint64_t held =
        cache.window ? std::min(cache.window, facts.context) : facts.context;
    list.push_back({{"window", cache.window},
                    {"layers", cache.layers},
                    {"position_bytes", cache.positionBytes},
                    {"full_bytes", held * cache.positionBytes}});
  }
  return list;
}

Document tool::describeCheckpoint(const std::string &directory) {
  CheckpointFacts facts = readCheckpoint(directory);
  Document tensors = Document::array();
  uint64_t bytes = 0, parameters = 0;
  for (const TensorFacts &tensor : facts.tensors) {
    uint64_t elements = 1;
    for (int64_t extent : tensor.shape)
      elements *= extent;
    bytes += tensor.bytes;
    parameters += elements;
    tensors.push_back({{"name", tensor.name},
                       {"type", tensor.type},
                       {"shape", tensor.shape},
                       {"bytes", tensor.bytes},
                       {"file", tensor.file}});
  }
  return {{"path", directory},
          {"parameters", parameters},
          {"bytes", bytes},
          {"context", facts.context},
          {"caches", describeCaches(facts)},
          {"config", Document::parse(facts.config)},
          {"tensors", tensors}};
}
