//===- Html.cpp - Pieces of pages -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Html.h"
#include "compiler/tools/lapidary/Failure.h"

using namespace lapidary;
using namespace lapidary::tool;

static constexpr std::string_view style = R"(
body { font: 14px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 70em;
       padding: 0 1em; color: #222; background: #fff; }
h1 { font-size: 1.5em; } h2 { font-size: 1.2em; margin-top: 2em; }
table { border-collapse: collapse; } td, th { padding: .15em .8em .15em 0; }
th { text-align: left; border-bottom: 1px solid #bbb; } .n { text-align: right; }
.scroll { max-height: 32em; overflow: auto; border: 1px solid #ddd; padding: .5em; }
svg { width: 100%; background: #f6f6f6; } svg.plan { height: 22em; }
svg text { fill: currentColor; } svg .grid { stroke: #8884; } svg .roof { stroke: currentColor; fill: none; }
svg rect { stroke: #fff; stroke-width: 1; vector-effect: non-scaling-stroke; }
svg rect:hover, svg circle:hover { fill-opacity: .6; }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181818; } svg { background: #222; }
  svg rect { stroke: #181818; } .scroll, th { border-color: #444; } }
)";

std::string tool::escape(std::string_view text) {
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

std::string tool::cell(const std::string &text) {
  return "<td>" + text + "</td>";
}

std::string tool::numberCell(const std::string &text) {
  return "<td class=n>" + text + "</td>";
}

std::string tool::renderPage(const std::string &title,
                             const std::string &body) {
  return concat("<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n"
                "<meta name=viewport content=\"width=device-width\">\n<title>",
                title, "</title>\n<style>", style, "</style>\n<h1>", title,
                "</h1>\n", body, "</html>\n");
}
