//===- InspectHtml.cpp - Facts as a page ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Inspection.h"
#include "compiler/tools/lapidary/Output.h"

#include <string_view>

using namespace lapidary;
using namespace lapidary::tool;

static constexpr std::string_view style = R"(
body { font: 14px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 70em;
       padding: 0 1em; color: #222; background: #fff; }
h1 { font-size: 1.5em; } h2 { font-size: 1.2em; margin-top: 2em; }
table { border-collapse: collapse; } td, th { padding: .15em .8em .15em 0; }
th { text-align: left; border-bottom: 1px solid #bbb; } .n { text-align: right; }
.scroll { max-height: 32em; overflow: auto; border: 1px solid #ddd; padding: .5em; }
svg { width: 100%; height: 22em; background: #f6f6f6; }
svg rect { stroke: #fff; stroke-width: 1; vector-effect: non-scaling-stroke; }
svg rect:hover { fill-opacity: .6; }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181818; } svg { background: #222; }
  svg rect { stroke: #181818; } .scroll, th { border-color: #444; } }
)";

static std::string escape(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    switch (c) {
    case '&':
      escaped += "&amp;";
      break;
    case '<':
      escaped += "&lt;";
      break;
    case '>':
      escaped += "&gt;";
      break;
    case '"':
      escaped += "&quot;";
      break;
    default:
      escaped += c;
    }
  }
  return escaped;
}

static std::string textOf(const Document &object, const char *key) {
  const Document &value = object[key];
  return escape(value.is_string() ? value.get<std::string>() : value.dump());
}

static std::string bytesOf(const Document &object, const char *key) {
  return formatBytes(object[key].get<uint64_t>());
}

static std::string cell(const std::string &text) {
  return "<td>" + text + "</td>";
}

static std::string numberCell(const std::string &text) {
  return "<td class=n>" + text + "</td>";
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
      "<svg preserveAspectRatio=\"none\" viewBox=\"0 0 ",
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
  std::string name = textOf(artifact["model"], "name");
  std::string page =
      concat("<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n"
             "<meta name=viewport content=\"width=device-width\">\n<title>",
             name, "</title>\n<style>", style, "</style>\n<h1>", name, ", ",
             bytesOf(artifact, "bytes"), "</h1>\n", renderFacts(artifact));
  for (const Document &program : artifact["programs"])
    page += renderProgram(program);
  return page + renderWeights(artifact) + "</html>\n";
}
