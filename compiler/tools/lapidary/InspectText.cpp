//===- InspectText.cpp - Facts for a terminal -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Inspection.h"
#include "compiler/tools/lapidary/Output.h"

#include <cmath>

using namespace lapidary;
using namespace lapidary::tool;

/// Columns in which a buffer's life is drawn.
static constexpr size_t drawingWidth = 40;

static std::string bytesOf(const Document &object, const char *key) {
  return formatBytes(object[key].get<uint64_t>());
}

static std::string textOf(const Document &object, const char *key) {
  return object[key].get<std::string>();
}

static std::string numberOf(const Document &object, const char *key) {
  return object[key].dump();
}

static std::string shapeOf(const Document &object) {
  std::string text;
  for (const Document &extent : object["shape"])
    text += (text.empty() ? "" : "x") + extent.dump();
  return text;
}

static std::string renderSampling(const Document &model) {
  return concat("  temperature ", numberOf(model, "temperature"), ", top-k ",
                numberOf(model, "top_k"), ", top-p ", numberOf(model, "top_p"),
                "\n");
}

static std::string renderEmbedding(const Document &embedding) {
  std::string prompt = textOf(embedding, "default_prompt");
  std::string text = concat("  embeddings of ", numberOf(embedding, "width"),
                            " numbers, default prompt ",
                            prompt.empty() ? "none" : prompt, "\n");
  for (const auto &[name, words] : embedding["prompts"].items())
    text += concat("  prompt ", name, ": '", words.get<std::string>(), "'\n");
  return text;
}

static std::string renderModel(const Document &artifact) {
  const Document &model = artifact["model"];
  std::string eos;
  for (const Document &token : model["eos"])
    eos += " " + token.dump();
  std::string chat = textOf(model, "chat_template");
  std::string producer = textOf(artifact, "producer");
  return concat(
      textOf(artifact, "path"), ": ", textOf(model, "name"), ", ",
      textOf(model, "architecture"), ", ", textOf(model, "quantization"), ", ",
      formatCount(model["parameters"].get<double>()), " parameters, ",
      bytesOf(artifact, "bytes"), producer.empty() ? "" : ", by " + producer,
      "\n  layers ", numberOf(model, "layers"), ", hidden ",
      numberOf(model, "hidden"), ", vocabulary ", numberOf(model, "vocabulary"),
      ", context ", numberOf(model, "context"), "\n  bos ",
      numberOf(model, "bos"), ", pad ", numberOf(model, "pad"), ", eos", eos,
      ", chat template ", chat.empty() ? "none" : chat, "\n",
      model.contains("embedding") ? renderEmbedding(model["embedding"])
                                  : renderSampling(model));
}

static std::string renderSections(const Document &artifact) {
  Table table({"section", "kind", "offset", "size"});
  table.alignLeft(1);
  for (const Document &section : artifact["sections"])
    table.addRow({textOf(section, "name"), textOf(section, "kind"),
                  numberOf(section, "offset"), bytesOf(section, "bytes")});
  return "\n" + table.getText();
}

/// Sizes by the length of a sequence.
static std::string renderSizes(const Document &artifact, const char *key) {
  std::string text;
  for (const Document &entry : artifact["kv_bytes"])
    text += (text.empty() ? "" : ", ") + bytesOf(entry, key) + " at " +
            numberOf(entry, "context");
  return text + " tokens\n";
}

static std::string renderCaches(const Document &artifact) {
  Table caches({"cache", "window", "page tokens", "page size", "full context"});
  for (const Document &cache : artifact["caches"])
    caches.addRow(
        {textOf(cache, "name"),
         cache["window"] == 0 ? "all" : numberOf(cache, "window"),
         cache["page_tokens"] == 0 ? "all" : numberOf(cache, "page_tokens"),
         bytesOf(cache, "page_bytes"), bytesOf(cache, "full_bytes")});
  std::string text =
      "\n" + caches.getText() +
      "KV cache of a sequence: " + renderSizes(artifact, "bytes") +
      "in memory with one sequence: " + renderSizes(artifact, "resident_bytes");
  uint64_t saved = 0;
  for (const Document &cache : artifact["caches"])
    saved += cache["saved_bytes"].get<uint64_t>();
  if (saved)
    text += "keys that follow from values are not kept: " + formatBytes(saved) +
            " less at full context\n";
  return text;
}

static std::string renderVariants(const Document &artifact) {
  Table table({"variant", "machine", "code", "needs"});
  table.alignLeft(1);
  table.alignLeft(3);
  for (const Document &variant : artifact["variants"]) {
    std::string features;
    for (const Document &feature : variant["features"])
      features += (features.empty() ? "" : " ") + feature.get<std::string>();
    table.addRow({textOf(variant, "name"), textOf(variant, "architecture"),
                  bytesOf(variant, "code_bytes"), features});
  }
  return "\n" + table.getText();
}

static std::string renderCommands(const Document &program) {
  Table table({"#", "computes", "kernel", "grid", "weights", "FLOP/row"});
  table.alignLeft(1);
  table.alignLeft(2);
  size_t number = 0;
  for (const Document &command : program["commands"])
    table.addRow({std::to_string(number++), textOf(command, "label"),
                  textOf(command, "kernel"), textOf(command, "grid"),
                  bytesOf(command, "weight_bytes"),
                  formatCount(command["flops_per_row"].get<double>())});
  table.addRow({"", "all", "", "", bytesOf(program, "weight_bytes"),
                formatCount(program["flops_per_row"].get<double>())});
  return table.getText();
}

/// A bar from the first to the last command of a buffer's life.
static std::string drawLife(const Document &buffer, size_t commands) {
  size_t first = buffer["first_command"], last = buffer["last_command"];
  size_t begin = std::min(first * drawingWidth / commands, drawingWidth - 1);
  size_t end = std::min((last + 1) * drawingWidth / commands, drawingWidth);
  std::string bar(std::max<size_t>(end, begin + 1) - begin, '#');
  return std::string(begin, '.') + bar +
         std::string(drawingWidth - begin - bar.size(), '.');
}

static std::string renderBuffers(const Document &program) {
  Table table({"buffer", "offset", "size", "commands", "life"});
  table.alignLeft(4);
  size_t commands = std::max<size_t>(program["commands"].size(), 1);
  for (const Document &buffer : program["buffers"])
    table.addRow({textOf(buffer, "name"), numberOf(buffer, "offset"),
                  bytesOf(buffer, "bytes"),
                  numberOf(buffer, "first_command") + "-" +
                      numberOf(buffer, "last_command"),
                  drawLife(buffer, commands)});
  return table.getText();
}

/// What is spared on the rows of a prompt whose result nobody wants.
static std::string renderSavings(const Document &program) {
  double all = program["flops_per_row"],
         some = program["flops_per_unwanted_row"];
  if (all == 0)
    return "";
  return concat("a row costs ", formatCount(all),
                "FLOP, one whose result is not wanted ", formatCount(some),
                "FLOP (", std::to_string(std::lround(100 * (1 - some / all))),
                " % less)\n");
}

static std::string renderProgram(const Document &program) {
  return concat(
      "\nprogram ", textOf(program, "name"), ": ",
      numberOf(program, "min_rows"), " to ", numberOf(program, "max_rows"),
      " rows, blocks of ", numberOf(program, "block_rows"), ", arena ",
      bytesOf(program, "arena_bytes"), ", scratch ",
      bytesOf(program, "scratch_bytes"), " a thread\n", renderCommands(program),
      renderSavings(program), renderBuffers(program));
}

static std::string renderWeights(const Document &artifact) {
  Table table({"weight", "format", "shape", "offset", "size"});
  table.alignLeft(1);
  uint64_t bytes = 0;
  std::string lookedUp;
  for (const Document &weight : artifact["weights"]) {
    bytes += weight["bytes"].get<uint64_t>();
    if (weight["row_bytes"] != 0)
      lookedUp += concat(textOf(weight, "name"), " is looked up by token, ",
                         bytesOf(weight, "row_bytes"), " each\n");
    table.addRow({textOf(weight, "name"), textOf(weight, "format"),
                  shapeOf(weight), numberOf(weight, "offset"),
                  bytesOf(weight, "bytes")});
  }
  table.addRow({"all", "", "", "", formatBytes(bytes)});
  return "\n" + table.getText() + lookedUp;
}

std::string tool::renderArtifactText(const Document &artifact) {
  std::string text = renderModel(artifact) + renderSections(artifact) +
                     renderCaches(artifact) + renderVariants(artifact);
  for (const Document &program : artifact["programs"])
    text += renderProgram(program);
  return text + renderWeights(artifact);
}

/// What layers remember, if that is known.
static std::string renderMemory(const Document &checkpoint) {
  std::string text;
  uint64_t bytes = 0;
  for (const Document &cache : checkpoint["caches"]) {
    bytes += cache["full_bytes"].get<uint64_t>();
    text += concat("  layers that see ",
                   cache["window"] == 0 ? "all" : numberOf(cache, "window"),
                   " positions: ", numberOf(cache, "layers"), ", ",
                   bytesOf(cache, "position_bytes"), " a position, ",
                   bytesOf(cache, "full_bytes"), "\n");
  }
  if (text.empty())
    return text;
  return concat("KV cache in bf16 at ", numberOf(checkpoint, "context"),
                " positions: ", formatBytes(bytes), "\n", text);
}

std::string tool::renderCheckpointText(const Document &checkpoint) {
  std::string text = concat(textOf(checkpoint, "path"), ": ",
                            formatCount(checkpoint["parameters"].get<double>()),
                            " parameters, ", bytesOf(checkpoint, "bytes"), "\n",
                            renderMemory(checkpoint), "\n");
  Table config({"config.json", "value"});
  config.alignLeft(1);
  // The fields of nested objects with their path.
  Document fields = checkpoint["config"].flatten();
  for (const auto &[path, value] : fields.items()) {
    std::string name = path.substr(1);
    std::ranges::replace(name, '/', '.');
    config.addRow(
        {name, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  Table tensors({"tensor", "type", "shape", "size", "file"});
  tensors.alignLeft(1);
  tensors.alignLeft(4);
  for (const Document &tensor : checkpoint["tensors"])
    tensors.addRow({textOf(tensor, "name"), textOf(tensor, "type"),
                    shapeOf(tensor), bytesOf(tensor, "bytes"),
                    textOf(tensor, "file")});
  return text + config.getText() + "\n" + tensors.getText();
}
