//===- InspectHtml.cpp - Facts as a page ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Html.h"
#include "compiler/tools/lapidary/Inspection.h"
#include "compiler/tools/lapidary/Output.h"

using namespace lapidary;
using namespace lapidary::tool;

static std::string textOf(const Document &object, const char *key) {
  const Document &value = object[key];
  return escape(value.is_string() ? value.get<std::string>() : value.dump());
}

static std::string bytesOf(const Document &object, const char *key) {
  return formatBytes(object[key].get<uint64_t>());
}

/// One buffer: commands run to the right, addresses downwards.
static std::string drawBuffer(const Document &buffer, size_t index) {
  uint64_t first = buffer["first_command"], last = buffer["last_command"];
  // Hues that differ most between neighbours.
  size_t hue = index * 137 % 360;
  return concat("<rect x=\"", first, "\" y=\"", textOf(buffer, "offset"),
                "\" width=\"", last - first + 1, "\" height=\"",
                textOf(buffer, "bytes"), "\" fill=\"hsl(", hue,
                ",55%,55%)\"><title>", textOf(buffer, "name"), ": ",
                bytesOf(buffer, "bytes"), " at ", textOf(buffer, "offset"),
                ", commands ", first, " to ", last, "</title></rect>\n");
}

static std::string drawMemoryPlan(const Document &program) {
  std::string text = concat(
      "<p>Across: commands. Down: the arena of ",
      bytesOf(program, "arena_bytes"), ". Each box is a buffer.</p>\n",
      "<svg class=\"plan\" preserveAspectRatio=\"none\" viewBox=\"0 0 ",
      std::max<size_t>(program["commands"].size(), 1), " ",
      std::max<uint64_t>(program["arena_bytes"].get<uint64_t>(), 1), "\">\n");
  size_t index = 0;
  for (const Document &buffer : program["buffers"])
    text += drawBuffer(buffer, index++);
  return text + "</svg>\n";
}

static std::string renderCommands(const Document &program) {
  std::string text =
      "<div class=scroll><table><tr><th>#<th>computes<th>kernel<th>grid"
      "<th>weights<th>FLOP/row</tr>\n";
  size_t number = 0;
  for (const Document &command : program["commands"])
    text += "<tr>" + numberCell(std::to_string(number++)) +
            cell(textOf(command, "label")) + cell(textOf(command, "kernel")) +
            numberCell(textOf(command, "grid")) +
            numberCell(bytesOf(command, "weight_bytes")) +
            numberCell(formatCount(command["flops_per_row"].get<double>())) +
            "</tr>\n";
  return text + "</table></div>\n";
}

static std::string renderProgram(const Document &program) {
  return concat("<h2>Program ", textOf(program, "name"), "</h2>\n<p>",
                textOf(program, "min_rows"), " to ",
                textOf(program, "max_rows"), " rows; a run reads ",
                bytesOf(program, "weight_bytes"), " of weights and computes ",
                formatCount(program["flops_per_row"].get<double>()),
                " operations a row.</p>\n", drawMemoryPlan(program),
                renderCommands(program));
}

static std::string renderWeights(const Document &artifact) {
  std::string text = "<h2>Weights</h2>\n<div class=scroll><table><tr><th>name"
                     "<th>format<th>shape<th>size</tr>\n";
  for (const Document &weight : artifact["weights"])
    text += "<tr>" + cell(textOf(weight, "name")) +
            cell(textOf(weight, "format")) + cell(textOf(weight, "shape")) +
            numberCell(bytesOf(weight, "bytes")) + "</tr>\n";
  return text + "</table></div>\n";
}

static std::string renderFacts(const Document &artifact) {
  std::string text = "<table>\n";
  for (const auto &[key, value] : artifact["model"].items())
    text += "<tr><th>" + escape(key) + "</th>" +
            cell(textOf(artifact["model"], key.c_str())) + "</tr>\n";
  for (const Document &entry : artifact["kv_bytes"])
    text += "<tr><th>KV cache at " + textOf(entry, "context") + "</th>" +
            cell(bytesOf(entry, "bytes")) + "</tr>\n";
  for (const Document &variant : artifact["variants"])
    text += "<tr><th>code for " + textOf(variant, "name") + "</th>" +
            cell(bytesOf(variant, "code_bytes")) + "</tr>\n";
  return text + "</table>\n";
}

std::string tool::renderArtifactHtml(const Document &artifact) {
  std::string body = renderFacts(artifact);
  for (const Document &program : artifact["programs"])
    body += renderProgram(program);
  return renderPage(concat(textOf(artifact["model"], "name"), ", ",
                           bytesOf(artifact, "bytes")),
                    body + renderWeights(artifact));
}
